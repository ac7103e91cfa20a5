// Tasks that sleep, as many as workers: each process takes one; threads all share this process.
#include <chrono>
#include <cstdio>
#include <set>
#include <troupe/troupe.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

std::pair<int, int> do_work(int n, troupe::barrier all) {
  all.arrive_and_wait();
  troupe::tasks::sleep(n * 10ms);
  return {n, troupe::this_worker::pid()};
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  const std::vector tasks{1, 2, 3, 4};
  for (auto where : {troupe::placement::process, troupe::placement::thread}) {
    troupe::pool ex{sys, {.workers = tasks.size(), .where = where}};
    // Else a worker that is there early could take two tasks.
    troupe::barrier all{sys, tasks.size()};
    std::set<int> pids;
    for (auto [n, pid] : ex.map<do_work>(tasks, std::vector(tasks.size(), all))) {
      std::printf("ran task %d in process %d\n", n, pid);
      pids.insert(pid);
    }
    std::printf("%s: %zu\n", to_string(where), pids.size());
  }
}
