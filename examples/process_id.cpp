// Tasks that meet, as many as workers: each process runs one; threads all share this process.
#include <chrono>
#include <cstdio>
#include <set>
#include <troupe/troupe.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

std::pair<int, int> do_work(int n, troupe::barrier all) {
  all.arrive_and_wait();  // else one that is fast could run two of them
  troupe::tasks::sleep(n * 10ms);
  return {n, troupe::this_worker::pid()};
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  for (auto where : {troupe::placement::process, troupe::placement::thread}) {
    troupe::pool ex{sys, {.workers = 4, .where = where}};
    troupe::barrier all{sys, 4};
    std::vector<troupe::future<std::pair<int, int>>> results;
    for (int n = 1; n <= 4; ++n) results.push_back(ex.submit<do_work>(n, all));
    std::set<int> pids;
    for (const auto& result : results) {
      const auto [n, pid] = result.get();
      std::printf("ran task %d in process %d\n", n, pid);
      pids.insert(pid);
    }
    std::printf("%s: %zu\n", to_string(where), pids.size());
  }
}
