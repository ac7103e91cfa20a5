// A deadline ends a task that would not end: the worker process is killed and replaced.
#include <cstdio>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;

volatile bool for_ever = true;
int spin(int x) {
  while (for_ever) {
  }
  return x;
}
int next(int x) { return x + 1; }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 1}};
  auto stuck = pool.submit<spin>({.deadline = 100ms}, 1);
  auto behind = pool.submit<next>(1);
  try {
    stuck.get();
  } catch (const troupe::timeout_error&) {
    std::printf("it ran past its deadline\n");
  }
  std::printf("the next one is fine: %d\n", behind.get());
}
