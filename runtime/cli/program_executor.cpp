#include "runtime/cli/fib.hpp"
#include "runtime/cli/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;
using values = std::vector<std::uint64_t>;

// What the end of the scope does: no new work, and what was accepted is finished.
void leave_scope(session& s, std::vector<future<std::uint64_t>>& futures) {
  s.pool().close();
  bool told = false;
  while (!s.pool().join(100ms)) {
    if (!s.stopping() || std::exchange(told, true)) continue;
    for (auto& f : futures) f.cancel();
    s.out().say("interrupted: waiting for the tasks that run; once more kills them");
  }
}

values collect(session& s, const std::vector<future<std::uint64_t>>& futures, int number,
               tally& run) {
  values got;
  for (std::size_t i = 0; i < futures.size(); ++i) {
    task_end end;
    if (const auto outcome = futures[i].outcome()) {
      end.result = *outcome;
      got.push_back(*outcome);
    } else {
      end = end_of_failed_task(outcome.error());
    }
    const auto r = futures[i].receipt();
    end.input = number;
    end.worker = r.worker;
    end.pid = r.pid;
    end.ran = r.ran;
    run.count(end);
    s.results().task(i, end);
  }
  return got;
}

void run(session& s, int number) {
  const std::size_t workers = s.workers_or(4);
  const auto began = std::chrono::steady_clock::now();
  auto& pool = s.open_pool(s.options.where.value_or(placement::process), workers);
  s.results().used(s.where(), workers);
  std::vector<future<std::uint64_t>> futures;
  for (std::size_t i = 0; i < workers && !s.stopping(); ++i)
    futures.push_back(pool.submit<fib>(s.call(), number));
  leave_scope(s, futures);
  const auto done = std::ranges::count_if(futures, [](const auto& f) { return f.done(); });
  tally run;
  run.tasks = futures.size();
  run.wall = std::chrono::steady_clock::now() - began;
  const auto got = collect(s, futures, number, run);
  s.results().add(run);
  s.close_pool();
  if (s.options.verify && run.complete() && got != values(workers, fib_by_addition(number)))
    s.results().wrong(fmt::format("fib({}) gives {}", number, got));
  if (s.options.json) return;
  s.out().result(fmt::format("after the scope {} of {} are done", done, futures.size()));
  if (!got.empty()) s.out().result(fmt::format("{}", got));
}

}  // namespace

program_body add_executor(CLI::App& app) { return body_of_fib(app, 34, run); }

}  // namespace troupe::cli
