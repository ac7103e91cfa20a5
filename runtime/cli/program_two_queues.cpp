#include "runtime/cli/crew.hpp"
#include "runtime/cli/fib.hpp"
#include "runtime/cli/program.hpp"

#include <troupe/function.hpp>
#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <optional>

namespace troupe::cli {

namespace {

using clock = std::chrono::steady_clock;

struct call {
  std::uint64_t task = 0;
  function<std::uint64_t(int)> fn;
  int arg = 0;
};
using item = std::optional<call>;  // nothing: the sentinel

struct result {
  std::uint64_t task = 0, value = 0;
  std::string worker;
  int pid = 0;
  std::int64_t ran_ns = 0;
};

// It knows no function: those come with the items.
void work(const queue<item>& tasks, const queue<result>& results) {
  for (const auto& data : tasks) {
    if (!data) return;
    const auto began = clock::now();
    result r{data->task, data->fn(data->arg), this_worker::name(), this_worker::pid(), 0};
    r.ran_ns = std::chrono::nanoseconds{clock::now() - began}.count();
    results.put(r);
  }
}

void take_away(const queue<item>& tasks) {
  tasks.close();
  try {
    while (tasks.try_get()) {
    }
  } catch (const troupe::closed_error&) {
  }
}

// Waits for one for a tick.
void take_one(session& s, const queue<result>& results, crew_tasks& told, int number) {
  result r;
  try {
    r = results.get(crew_tick);
  } catch (const troupe::empty_error&) {
    return;
  }
  s.show(std::to_string(r.value));
  task_end end;
  end.result = r.value;
  end.worker = r.worker;
  end.pid = r.pid;
  end.ran = std::chrono::nanoseconds{r.ran_ns};
  told.take(r.task, std::move(end));
  if (s.options.verify && r.value != fib_by_addition(number))
    s.results().wrong(fmt::format("fib({}) gives {}", number, r.value));
}

void run(session& s, int number) {
  refuse_timeout(s, "two-queues");
  const auto where = s.options.where.value_or(placement::process);
  const std::size_t workers = s.workers_or(4);
  const queue<item> tasks{s.system()};
  const queue<result> results{s.system()};
  for (std::size_t i = 0; i < workers; ++i) tasks.put(call{i, fn<fib>, number});
  for (std::size_t i = 0; i < workers; ++i) tasks.put(std::nullopt);

  crew<void> crew{s, "two-queues", where, workers};
  crew_tasks told{s, std::vector<json>(workers, number)};
  for (std::size_t i = 0; i < workers && !s.stopping(); ++i) crew.spawn<work>(tasks, results);
  crew.wait_until(
      [&] {
        take_one(s, results, told, number);
        return told.open() == 0;
      },
      [&] { take_away(tasks); });
  while (results.size() != 0) take_one(s, results, told, number);
  crew.join();
  told.finish(crew.deaths());
}

}  // namespace

program_body add_two_queues(CLI::App& app) { return body_of_fib(app, 34, run); }

}  // namespace troupe::cli
