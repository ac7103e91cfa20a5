#include "runtime/cli/program.hpp"
#include "runtime/cli/python.hpp"

#include <troupe/tasks.hpp>

#include <fmt/format.h>
#include <algorithm>

namespace troupe::cli {

namespace {

constexpr int inputs = 10;

struct part {
  const char* title;
  bool sleeps, waits;
};
constexpr part parts[] = {
    {"1. Ten inputs by five workers, each result printed", false, false},
    {"2. The same with a sleep: asked while they run, get() waits; the results are the same", true,
     false},
    {"3. The same, but all are waited for first", true, true},
};

std::int64_t square(std::int64_t x, duration pause) {
  if (pause > duration{0}) tasks::sleep(pause);
  return x * x;
}

using futures = std::vector<future<std::int64_t>>;

futures submit_all(session& s, duration pause) {
  futures all;
  for (std::int64_t x = 0; x < inputs; ++x)
    all.push_back(s.pool().submit<square>(s.call(), x, pause));
  return all;
}

std::size_t done(const futures& all) {
  return static_cast<std::size_t>(
      std::ranges::count_if(all, [](const auto& f) { return f.done(); }));
}

task_end end_of(const future<std::int64_t>& f, int x) {
  task_end end;
  const auto outcome = f.outcome();
  if (outcome)
    end.result = *outcome;
  else
    end = end_of_failed_task(outcome.error());
  const auto r = f.receipt();
  end.input = x;
  if (end.worker.empty()) end.worker = r.worker;
  if (end.pid == 0) end.pid = r.pid;
  end.ran = r.ran;
  return end;
}

// The document's loop: waits for one after the other, and prints it.
tally print_each(session& s, const futures& all) {
  tally run;
  run.tasks = all.size();
  for (int x = 0; x < inputs; ++x) {
    const auto end = end_of(all[static_cast<std::size_t>(x)], x);
    run.count(end);
    s.results().task(static_cast<std::size_t>(x), end);
    if (end.how != ending::ok) continue;
    s.show(end.result.dump());
    if (s.options.verify && end.result != x * x)
      s.results().wrong(fmt::format("the square of {} is {}", x, end.result.dump()));
  }
  return run;
}

void run_part(session& s, int number, duration pause) {
  const auto& p = parts[number - 1];
  s.show(p.title);
  s.results().tags = {{"exercise", number}};
  const auto began = std::chrono::steady_clock::now();
  auto all = submit_all(s, p.sleeps ? pause : duration{0});
  s.on_signal([all]() mutable {  // what runs is waited for
    for (auto& f : all) f.cancel();
  });
  if (p.waits) wait(all);
  const auto ready = done(all);
  s.show(fmt::format("ended when asked: {} of {}", ready, all.size()));
  auto run = print_each(s, all);
  s.on_signal({});
  run.wall = std::chrono::steady_clock::now() - began;
  s.results().add(run);
  s.results().summary["ended_when_asked"].push_back(ready);
  if (s.options.verify && p.waits && ready != all.size())
    s.results().wrong(fmt::format("waited for all, and {} have ended", ready));
}

// part 0: all of them
void run(session& s, int part, duration pause) {
  constexpr std::size_t as_in_the_document = 5;
  const auto where = s.options.where.value_or(placement::process);
  s.open_pool(where, s.workers_or(as_in_the_document));
  s.results().used(where, s.workers());
  for (int number = 1; number <= 3; ++number)
    if (!s.stopping() && (part == 0 || part == number)) run_part(s, number, pause);
}

}  // namespace

program_body add_exercise(CLI::App& app) {
  const auto part = std::make_shared<int>(0);
  add_number(app, "part", "PART", "which of the three; all, unless given", *part, 1, 3);
  const auto pause = add_seconds(app, "--seconds", "how long each sleep lasts");
  return [part, pause](session& s) { run(s, *part, *pause); };
}

}  // namespace troupe::cli
