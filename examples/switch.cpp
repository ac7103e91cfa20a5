// From processes to threads: one line of the program differs.
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  {
    troupe::pool pool{sys, {.workers = 2, .where = troupe::placement::process}};
    for (long y : pool.map<fib>(std::vector{33, 34})) std::printf("%ld\n", y);
  }
  {
    troupe::pool pool{sys, {.workers = 2, .where = troupe::placement::thread}};
    for (long y : pool.map<fib>(std::vector{33, 34})) std::printf("%ld\n", y);
  }
}
