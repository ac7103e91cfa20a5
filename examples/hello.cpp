// The simplest worker of its own: started, and joined.
#include <cstdio>
#include <string>
#include <troupe/troupe.hpp>

void hello(const std::string& name) { std::printf("Hello %s\n", name.c_str()); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  auto w = sys.spawn<hello>({}, std::string{"bob"});
  w.join();
  std::printf("%s: %s\n", w.name().c_str(), w.exit_status()->to_string().c_str());
}
