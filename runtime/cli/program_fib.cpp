#include "runtime/cli/fib.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/runner.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

using clock = std::chrono::steady_clock;

struct flags {
  int number = 34;
  std::optional<std::uint64_t> expected;
};

double seconds_since(clock::time_point t) {
  return std::chrono::duration<double>(clock::now() - t).count();
}

// n calls, one after the other, by one thread; not in this one, which has to heed the user.
double serial_time(session& s, int number, std::size_t n) {
  s.open_pool(placement::thread, 1);
  const auto t = run_tasks<fib>(
      s, "fib, serially", std::vector<int>(n, number),
      [](std::size_t, std::uint64_t, const receipt&) {}, run_kind::comparison);
  return t.wall_s();
}

void verify(session& s, const flags& f, std::uint64_t value) {
  const auto right = f.expected.value_or(fib_by_addition(f.number));
  if (value != right)
    s.results().wrong(fmt::format("fib({}) gives {}, not {}", f.number, value, right));
}

void run_row(session& s, const flags& f, placement where, std::size_t workers) {
  const auto began = clock::now();
  s.open_pool(where, workers);
  const auto start = seconds_since(began);
  s.results().tags = {{"workers", workers}};
  std::uint64_t answer = 0;
  const auto t = run_tasks<fib>(s, fmt::format("fib, {} workers", workers),
                                std::vector<int>(workers, f.number),
                                [&](std::size_t, std::uint64_t value, const receipt&) {
                                  answer = value;
                                  if (s.options.verify || f.expected) verify(s, f, value);
                                });
  if (!t.complete() || s.stopping()) return;
  const auto serial = serial_time(s, f.number, workers);
  if (s.stopping()) return;
  const auto speedup = serial / t.wall_s();
  s.results().summary["rows"].push_back({{"workers", workers},
                                         {"start_s", start},
                                         {"wall_s", t.wall_s()},
                                         {"serial_s", serial},
                                         {"speedup", speedup}});
  if (s.options.json) return;
  s.out().result(fmt::format("{:>7}  {:>7}  {:>9.2f} ms  {:>7.3f} s  {:>7.3f} s  {:>8.2f}  {}",
                             workers, t.tasks, start * 1e3, t.wall_s(), serial, speedup, answer));
}

void run(session& s, const flags& f) {
  const auto where = s.options.where.value_or(placement::process);
  std::vector<std::size_t> sweep{1, 2, 3, 4, 8, 16, 32};
  if (s.options.workers != 0) sweep = {s.options.workers};
  s.out().note(fmt::format("fib({}) n times by n workers ({}), and n times by one thread", f.number,
                           to_string(where)));
  s.show(fmt::format("{:>7}  {:>7}  {:>12}  {:>9}  {:>9}  {:>8}  {}", "workers", "calls", "start",
                     "wall", "serial", "speed-up", "answer"));
  for (const auto workers : sweep) {
    if (s.stopping()) return;
    run_row(s, f, where, workers);
  }
}

}  // namespace

program_body add_fib(CLI::App& app) {
  const auto f = std::make_shared<flags>();
  add_fib_number(app, f->number);
  add_number(app, "--expect", "ANSWER", "check the answers against this", f->expected);
  return [f](session& s) { run(s, *f); };
}

}  // namespace troupe::cli
