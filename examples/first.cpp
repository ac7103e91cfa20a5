// The program of the README: results, and a crash that is only news.
#include <cstdio>
#include <cstdlib>
#include <troupe/troupe.hpp>
#include <vector>

double cube(double x) { return x * x * x; }

int fragile(int x) {
  if (x == 0) std::abort();
  return 84 / x;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);  // a worker process does its work in here and never returns
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 4, .where = troupe::placement::process}};

  for (double y : pool.map<cube>(std::vector{1.0, 2.0, 3.0})) std::printf("%g\n", y);

  troupe::future<int> doomed = pool.submit<fragile>(0);
  troupe::future<int> fine = pool.submit<fragile>(2);
  std::printf("%d\n", fine.get());
  try {
    doomed.get();
  } catch (const troupe::worker_lost& e) {
    std::printf("%s\n", e.exit_status().to_string().c_str());  // killed by SIGABRT (6)
  }
}
