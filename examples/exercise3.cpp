// Waits until all have ended, and prints the results then.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

using namespace std::chrono_literals;

int slow_square(int x) {
  troupe::tasks::sleep(20ms);
  return x * x;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 5}};
  std::vector<troupe::future<int>> results;
  for (int x = 0; x < 10; ++x) results.push_back(pool.submit<slow_square>(x));

  troupe::wait(results);
  const auto done = [](const auto& result) { return result.done(); };
  std::printf("done before printing: %td of 10\n", std::ranges::count_if(results, done));
  for (const auto& result : results) std::printf("%d\n", result.get());
}
