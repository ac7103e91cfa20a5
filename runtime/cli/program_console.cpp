#include "runtime/cli/aloud.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/spawned.hpp"

#include <troupe/queue.hpp>
#include <troupe/sync.hpp>

#include <fmt/format.h>
#include <algorithm>
#include <mutex>

namespace troupe::cli {

namespace {

// In two pieces: without the lock another's could come between them. `turns` tells who came and
// who went.
std::string greet(mutex lock, int num, queue<int> turns, bool aloud) {
  const std::scoped_lock hold{lock};
  turns.put(num);
  if (aloud) print_aloud("hello world");
  if (aloud) print_aloud(fmt::format(" {}\n", num));
  turns.put(num);
  return fmt::format("hello world {}", num);
}

// Each came once, and went before the next one came.
void verify(session& s, std::size_t workers, const queue<int>& turns) {
  std::vector<int> order;
  while (const auto came = turns.try_get()) {
    if (turns.try_get() != came) return s.results().wrong("two held the lock at once");
    order.push_back(*came);
  }
  std::ranges::sort(order);
  const bool all = order.size() == workers && std::ranges::adjacent_find(order) == order.end();
  if (!all) s.results().wrong(fmt::format("{} workers, {} hellos", workers, order.size()));
}

void run(session& s) {
  const bool aloud = !s.options.json;
  const auto workers = count_for(s, 10);
  auto& sys = s.without_pool(placement_for(s), workers);
  const mutex lock{sys};
  const queue<int> turns{sys};
  std::vector<plan<std::string>> plans;
  for (int num = 0; num < static_cast<int>(workers); ++num)
    plans.push_back({num, "", [=](troupe::system& in, const spawn_options& o) {
                       return in.spawn<greet>(o, lock, num, turns, aloud);
                     }});
  const auto t = run_spawned(s, sys, "", plans, [&](std::size_t i, const std::string& line) {
    if (s.options.verify && line != fmt::format("hello world {}", i)) s.results().wrong(line);
    return json(line);
  });
  if (s.options.verify && t.complete()) verify(s, workers, turns);
}

}  // namespace

program_body add_console(CLI::App&) { return run; }

}  // namespace troupe::cli
