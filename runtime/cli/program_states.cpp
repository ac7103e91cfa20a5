#include "runtime/cli/fib.hpp"
#include "runtime/cli/program.hpp"

#include <troupe/sync.hpp>

#include <fmt/format.h>
#include <thread>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;

// Runs until it has been looked at, however quick the machine is.
std::uint64_t fib_when(event looked_at, int n) {
  looked_at.wait();
  return fib(n);
}

using call = future<std::uint64_t>;

void show(session& s, const std::string& what, bool is, bool should_be) {
  s.results().summary["states"].push_back({{what, is}});
  s.show(fmt::format("{}: {}", what, is ? "True" : "False"));
  if (s.options.verify && is != should_be) s.results().wrong(fmt::format("{} is {}", what, is));
}

void look(session& s, const call& fut, call& waiting) {
  show(s, "fut.running()", fut.running(), true);
  show(s, "fut.done()", fut.done(), false);
  show(s, "waiting.running()", waiting.running(), false);
  show(s, "waiting.cancel()", waiting.cancel(), true);
  show(s, "waiting.cancelled()", waiting.cancelled(), true);
}

void finish(session& s, const call& fut, int number) {
  tally run;
  run.tasks = 1;
  task_end end;
  if (const auto outcome = fut.outcome()) {
    end.result = *outcome;
    show(s, "fut.running()", fut.running(), false);
    show(s, "fut.done()", fut.done(), true);
    s.show(fmt::format("fut.result(): {}", *outcome));
    if (s.options.verify && *outcome != fib_by_addition(number))
      s.results().wrong(fmt::format("fib({}) gives {}", number, *outcome));
  } else {
    end = end_of_failed_task(outcome.error());
  }
  const auto r = fut.receipt();
  end.input = number;
  end.worker = r.worker;
  end.pid = r.pid;
  end.ran = run.wall = r.ran;
  run.count(end);
  s.results().task(0, end);
  s.results().add(run);
}

void run(session& s, int number) {
  const auto where = s.options.where.value_or(placement::process);
  if (where == placement::inline_)
    throw troupe::usage_error{
        "states looks at a call while it runs, which needs workers beside the caller: -w thread or "
        "-w process"};
  auto& pool = s.open_pool(where, 1);  // so that the second call waits for the first
  s.results().used(where, 1);
  event looked_at{s.system()};
  const auto fut = pool.submit<fib_when>(s.call(), looked_at, number);
  auto waiting = pool.submit<fib_when>(s.call(), looked_at, number);
  while (fut.state() == future_state::pending && !s.stopping()) std::this_thread::sleep_for(1ms);
  if (fut.running()) look(s, fut, waiting);
  waiting.cancel();
  looked_at.set();
  finish(s, fut, number);
}

}  // namespace

program_body add_states(CLI::App& app) { return body_of_fib(app, 38, run); }

}  // namespace troupe::cli
