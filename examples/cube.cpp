// The same cubes by every way there is to call a function in a pool.
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

long cube(long x) { return x * x * x; }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys};
  const std::vector<long> xs{1, 2, 3, 4, 5, 6};

  const std::vector<long> mapped = pool.map<cube>(xs);

  std::vector<long> applied;  // one after the other: each apply waits
  for (long x : xs) applied.push_back(pool.apply<cube>(x));

  std::vector<troupe::future<long>> futures;  // at the same time
  for (long x : xs) futures.push_back(pool.submit<cube>(x));
  std::vector<long> submitted;
  for (const auto& f : futures) submitted.push_back(f.get());

  std::vector<long> looped;
  for (long x : xs) looped.push_back(cube(x));

  const bool same = mapped == looped && applied == looped && submitted == looped &&
                    pool.map_async<cube>(xs).get() == looped;
  for (long y : mapped) std::printf("%ld ", y);
  std::printf("\nall the same: %s\n", same ? "yes" : "no");
}
