// A program whose static object makes a pool of workers that are this program again: in each
// worker, too, before its main. Usage: nested_start FILE; each start leaves a byte in FILE.
#include <troupe/troupe.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace {

struct early {
  early() {
    if (const char* path = std::getenv("NESTED_START")) {
      if (std::FILE* f = std::fopen(path, "a")) {
        std::fputc('x', f);
        std::fclose(f);
      }
    }
    try {
      sys = std::make_unique<troupe::system>(troupe::system_options{.worker_executable = "/proc/self/exe"});
      pool = std::make_unique<troupe::pool>(*sys, troupe::pool_options{.workers = 2});
    } catch (const troupe::error& e) {
      std::puts(e.what());
      std::fflush(stdout);
      std::_Exit(3);
    }
  }
  std::unique_ptr<troupe::system> sys;
  std::unique_ptr<troupe::pool> pool;
} first;

}  // namespace

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  return 0;
}
