// An executor as a scope: at its end everything that was submitted is done.
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  std::vector<troupe::future<long>> futures;
  {
    troupe::pool pool{sys, {.workers = 2}};
    for (int i = 0; i < 4; ++i) futures.push_back(pool.submit<fib>(34));
  }
  for (const auto& f : futures) std::printf("done: %s, %ld\n", f.done() ? "yes" : "no", f.get());
}
