#include "runtime/cli/crew.hpp"
#include "runtime/cli/program.hpp"

#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <optional>

namespace troupe::cli {

namespace {

struct flags {
  std::int64_t count = 9;
  std::string end = "close";
};

using job = std::optional<std::int64_t>;  // nothing: the sentinel

struct answer {
  std::int64_t number = 0, cube = 0;
  std::string worker;
  int pid = 0;
};

// Ends when the queue is closed and empty, or by a sentinel.
void work(const queue<job>& jobs, const queue<answer>& answers) {
  for (const auto& j : jobs) {
    if (j) answers.put({*j, *j * *j * *j, this_worker::name(), this_worker::pid()});
    jobs.task_done();
    if (!j) return;
  }
}

void take_answers(session& s, const queue<answer>& answers, crew_tasks& tasks) {
  while (const auto a = answers.try_get()) {
    const auto task = static_cast<std::size_t>(a->number - 1);
    if (!tasks.done(task) && !s.options.json)
      s.out().result(fmt::format("{} cubed is {}", a->number, a->cube));
    task_end end;
    end.result = a->cube;
    end.worker = a->worker;
    end.pid = a->pid;
    tasks.take(task, std::move(end));
    if (s.options.verify && a->cube != a->number * a->number * a->number)
      s.results().wrong(fmt::format("{} cubed is {}", a->number, a->cube));
  }
}

void take_away(const queue<job>& jobs) {
  jobs.close();
  try {
    while (jobs.try_get()) jobs.task_done();
  } catch (const troupe::closed_error&) {
  }
}

void run(session& s, const flags& f) {
  refuse_timeout(s, "jobs");
  const auto where = s.options.where.value_or(placement::thread);
  const std::size_t workers = s.workers_or(4);
  // A job whose worker dies comes again, to another.
  const queue<job> jobs{s.system(), {.redeliver = true}};
  const queue<answer> answers{s.system()};
  std::vector<json> inputs;
  for (std::int64_t n = 1; n <= f.count; ++n) {
    jobs.put(n);
    inputs.push_back(n);
  }
  if (f.end == "close")
    jobs.close();
  else
    for (std::size_t i = 0; i < workers; ++i) jobs.put(std::nullopt);

  crew<void> crew{s, "jobs", where, workers};
  crew_tasks tasks{s, inputs};
  for (std::size_t i = 0; i < workers && !s.stopping(); ++i) crew.spawn<work>(jobs, answers);
  crew.wait_until(
      [&] {
        const bool all_done = jobs.join(crew_tick);
        take_answers(s, answers, tasks);
        return all_done;
      },
      [&] { take_away(jobs); });
  const bool ended = crew.join();
  take_answers(s, answers, tasks);
  tasks.finish(crew.deaths());
  if (tasks.counts().complete() && ended)
    s.show(
        fmt::format("all {} jobs are marked as done, and {} workers have ended", f.count, workers));
}

}  // namespace

program_body add_jobs(CLI::App& app) {
  const auto f = std::make_shared<flags>();
  add_number(app, "--count", "N", "so many jobs", f->count, std::int64_t{1},
             std::int64_t{1'000'000});
  add_choice(app, "--end", {"close", "sentinel"}, "how the workers learn that there is no more",
             f->end);
  return [f](session& s) { run(s, *f); };
}

}  // namespace troupe::cli
