// Who runs what: worker processes have one parent, and run the program that made them.
#include <cstdio>
#include <filesystem>
#include <string>
#include <troupe/troupe.hpp>

namespace here = troupe::this_worker;

struct details {
  std::string name, module;
  int parent = 0, pid = 0;
};

details process_info() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  return {here::name(), program.filename(), here::parent_pid(), here::pid()};
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  for (int i = 0; i < 7; ++i) {
    auto w = sys.spawn<process_info>();
    const details d = w.result().get();
    std::printf("Name:%s\nModule:%s\n", d.name.c_str(), d.module.c_str());
    std::printf("Parent Process id:%d%s\n", d.parent, d.parent == here::pid() ? ", this one" : "");
    std::printf("Process id:%d%s\n\n", d.pid, d.pid == w.pid() ? ", as its handle says" : "");
  }
}
