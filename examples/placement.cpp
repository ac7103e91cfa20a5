// Placement is one word: the same calls inline, in threads and in processes.
#include <cstdio>
#include <set>
#include <troupe/troupe.hpp>
#include <vector>

int square(int x) { return x * x; }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  for (auto where : {troupe::placement::inline_, troupe::placement::thread,
                     troupe::placement::process}) {
    troupe::pool pool{sys, {.workers = 2, .where = where}};
    int sum = 0;
    for (int y : pool.map<square>(std::vector{1, 2, 3, 4})) sum += y;
    const bool at_home = pool.apply<troupe::tasks::pid>() == troupe::this_worker::pid();
    std::printf("%-7s sum %d, runs in %s process\n", to_string(where), sum,
                at_home ? "this" : "another");
  }
}
