// As many calls as workers, all of them waited for before the clock is read.
#include <chrono>
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  for (std::size_t workers : {1, 2, 3, 4, 8}) {
    troupe::pool pool{sys, {.workers = workers}};
    const auto began = std::chrono::steady_clock::now();
    const auto results = pool.map<fib>(std::vector<int>(workers, 34));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%zu times %ld in %.3f s\n", results.size(), results.back(), took.count());
  }
}
