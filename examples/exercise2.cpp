// Asked before they have ended: done() says no, get() waits, and the results are the same.
#include <algorithm>
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

int slow_square(int x, troupe::event asked) {
  asked.wait();  // in the place of a sleep: for certain long enough
  return x * x;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 5}};
  troupe::event asked{sys};
  std::vector<troupe::future<int>> results;
  for (int x = 0; x < 10; ++x) results.push_back(pool.submit<slow_square>(x, asked));

  const auto done = [](const auto& result) { return result.done(); };
  std::printf("done before: %td of 10\n", std::ranges::count_if(results, done));
  asked.set();
  for (const auto& result : results) std::printf("%d\n", result.get());
  std::printf("done after: %td of 10\n", std::ranges::count_if(results, done));
}
