// A queue of jobs, four workers that take from it, and an end to their loop.
#include <cstdio>
#include <set>
#include <troupe/troupe.hpp>
#include <vector>

// Ends when the queue is closed and empty.
void work(const troupe::queue<int>& jobs, const troupe::queue<int>& cubes) {
  for (int num : jobs) {
    cubes.put(num * num * num);
    jobs.task_done();
  }
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::queue<int> jobs{sys}, cubes{sys};
  std::vector<troupe::worker<void>> workers;
  for (int i = 0; i < 4; ++i)
    workers.push_back(sys.spawn<work>({.where = troupe::placement::thread}, jobs, cubes));
  for (int num = 1; num < 10; ++num) jobs.put(num);

  jobs.join();   // all are marked as done
  jobs.close();  // and the workers may go home
  for (const auto& w : workers) w.join();

  std::set<int> all;  // they come in any order
  while (auto cube = cubes.try_get()) all.insert(*cube);
  for (int cube : all) std::printf("%d ", cube);
  std::printf("\n");
}
