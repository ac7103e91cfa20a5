// Futures: submit, wait, time out, cancel, look at what it cost.
#include <cstdio>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;

long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 1}};

  troupe::future<long> f = pool.submit<fib>(20);
  std::printf("fib(20) = %ld\n", f.get());
  const troupe::receipt r = f.receipt();
  std::printf("one attempt: %s, some time: %s\n", r.attempts == 1 ? "yes" : "no",
              r.ran > 0ns ? "yes" : "no");

  auto slow = pool.submit<troupe::tasks::sleep>(10min);
  auto waiting = pool.submit<fib>(5);
  try {
    slow.get(50ms);
  } catch (const troupe::timeout_error&) {
    std::printf("not yet: it goes on\n");
  }
  std::printf("cancelled before it started: %s\n", waiting.cancel() ? "yes" : "no");
  std::printf("a running one, too: %s\n", slow.cancel(troupe::kill) ? "yes" : "no");
  std::printf("and the pool works: fib(10) = %ld\n", pool.apply<fib>(10));
}
