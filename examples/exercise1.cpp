// Ten inputs for a pool of five workers; each result is printed when it is there.
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

int square(int x) { return x * x; }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 5}};
  std::vector<troupe::future<int>> results;
  for (int x = 0; x < 10; ++x) results.push_back(pool.submit<square>(x));
  for (const auto& result : results) std::printf("%d\n", result.get());
}
