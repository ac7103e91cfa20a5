#include "runtime/cli/crew.hpp"
#include "runtime/cli/program.hpp"

#include <troupe/tasks.hpp>
#include <troupe/this_worker.hpp>

#include <fmt/format.h>

namespace troupe::cli {

namespace {

struct slept {
  double seconds = 0;
  std::string worker;
  int pid = 0;
};

slept sleeper(double seconds) {
  troupe::tasks::sleep(std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * 1e9)});
  return {seconds, this_worker::name(), this_worker::pid()};
}

// Takes what has ended, in the order in which the workers were started.
void take_ended(const crew<slept>& sleepers, crew_tasks& tasks) {
  const auto& members = sleepers.members();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& f = members[i].result();
    if (tasks.done(i) || !f.done()) continue;
    task_end end;
    if (const auto outcome = f.outcome()) {
      end.result = outcome->seconds;
      end.worker = outcome->worker;
      end.pid = outcome->pid;
    } else {
      end = end_of_failed_task(outcome.error());
    }
    end.ran = f.receipt().ran;
    tasks.take(i, std::move(end));
  }
}

void verify(session& s, const tally& run, double one) {
  if (!run.complete()) return;
  const auto all = one * static_cast<double>(run.tasks);
  const auto least = s.where() == placement::inline_ ? all : one;
  if (run.wall_s() < least)
    s.results().wrong(fmt::format("it took {} s, less than {} s", run.wall_s(), least));
  if (s.where() != placement::inline_ && run.tasks > 1 && run.wall_s() >= all)
    s.results().wrong(fmt::format("they slept one after the other: {} s", run.wall_s()));
}

void run(session& s, double seconds) {
  refuse_timeout(s, "sleepers");
  const auto where = s.options.where.value_or(placement::thread);
  const std::size_t n = s.workers_or(9);
  crew<slept> sleepers{s, "sleepers", where, n};
  crew_tasks tasks{s, std::vector<json>(n, seconds)};
  for (std::size_t i = 0; i < n && !s.stopping(); ++i) sleepers.spawn<sleeper>(seconds);
  const auto all_taken = [&] {
    for (const auto& w : sleepers.members())
      if (!w.join(crew_tick)) break;
    take_ended(sleepers, tasks);
    return tasks.open() == 0;
  };
  sleepers.wait_until(all_taken, [] {});  // who sleeps has begun
  tasks.finish(sleepers.deaths());
  const auto& run = tasks.counts();
  s.results().summary["one_after_the_other_s"] = seconds * static_cast<double>(n);
  if (run.complete())
    s.show(fmt::format("{} sleepers of {:g} s ({}): {:.2f} s; one after the other {:g} s", n,
                       seconds, to_string(where), run.wall_s(), seconds * static_cast<double>(n)));
  if (s.options.verify) verify(s, run, seconds);
}

}  // namespace

program_body add_sleepers(CLI::App& app) {
  const auto seconds = std::make_shared<double>(0.2);
  add_number(app, "--seconds", "S", "that each sleeps", *seconds, 0.001, 3600.0);
  return [seconds](session& s) { run(s, *seconds); };
}

}  // namespace troupe::cli
