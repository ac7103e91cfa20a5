#include "tests/runtime/deaths.hpp"

#include <csignal>
#include <cstdlib>
#include <memory>
#include <sys/mman.h>
#include <unistd.h>

namespace support {

namespace {

void segfault() {
  volatile int* volatile nowhere = nullptr;  // known to nobody: a store that must fail may be left out
  *nowhere = 1;
}
void bus_error() {
  char name[] = "/tmp/troupe-bus-XXXXXX";
  const int fd = mkstemp(name);
  unlink(name);
  auto* p = static_cast<volatile char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  p[0] = 1;
}
int recurse(int n) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(n);
  return n < 0 ? 0 : recurse(n + 1) + frame[0];
}
void too_much_memory() {
  for (std::vector<std::unique_ptr<char[]>> all;;) all.push_back(std::make_unique<char[]>(1 << 20));
}
struct throws_in_destructor {
  ~throws_in_destructor() noexcept(false) { throw std::runtime_error{"in a destructor"}; }
};
void two_at_once() {
  throws_in_destructor one;
  throw std::logic_error{"first"};
}
void fail() { throw std::logic_error{"out of noexcept"}; }
void not_so_noexcept() noexcept { fail(); }

}  // namespace

int die(const std::string& how) {
  if (how == "SIGSEGV") segfault();
  if (how == "SIGBUS") bus_error();
  if (how == "abort") std::abort();
  if (how == "exit(0)") std::exit(0);
  if (how == "exit(3)") std::exit(3);
  if (how == "_exit(5)") _exit(5);
  if (how == "quick_exit(6)") std::quick_exit(6);
  if (how == "stack overflow") return recurse(0);
  if (how == "std::terminate") std::terminate();
  if (how == "noexcept") not_so_noexcept();
  if (how == "destructor") two_at_once();
  if (how == "memory") too_much_memory();
  if (how.starts_with("raise ")) raise(std::stoi(how.substr(6)));
  for (;;) usleep(1000);  // a loop without end
}

std::string value_or_error(const troupe::future<int>& f) {
  const auto o = f.outcome();
  return o ? std::to_string(o.value()) : what(o.error());
}

}  // namespace support
