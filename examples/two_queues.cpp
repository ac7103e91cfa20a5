// Functions and their arguments in one queue, results in another, a sentinel for each worker.
#include <cstdio>
#include <optional>
#include <troupe/troupe.hpp>
#include <utility>
#include <vector>

long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

using task = std::optional<std::pair<troupe::function<long(int)>, int>>;

void work(const troupe::queue<task>& tasks, const troupe::queue<long>& results) {
  while (const auto data = tasks.get()) results.put(data->first(data->second));
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  const int workers = 4;
  troupe::queue<task> tasks{sys};
  troupe::queue<long> results{sys};
  for (int i = 0; i < workers; ++i) tasks.put(std::pair{troupe::fn<fib>, 34});

  std::vector<troupe::worker<void>> all;
  for (int i = 0; i < workers; ++i)
    all.push_back(sys.spawn<work>({.where = troupe::placement::process}, tasks, results));
  for (int i = 0; i < workers; ++i) std::printf("%ld\n", results.get());
  for (int i = 0; i < workers; ++i) tasks.put(std::nullopt);
  for (const auto& w : all) w.join();
}
