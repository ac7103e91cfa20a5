#include "runtime/cli/fib.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/runner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::cli {

namespace {

using values = std::vector<std::uint64_t>;

// All that differs between the two is the word `where`.
values run_in(session& s, placement where, std::size_t workers, int number) {
  s.open_pool(where, workers);
  s.results().tags = {{"where", to_string(where)}};
  values all(workers);
  const auto t =
      run_tasks<fib>(s, fmt::format("fib, {}", to_string(where)), std::vector<int>(workers, number),
                     [&](std::size_t i, std::uint64_t value, const receipt&) { all[i] = value; });
  return t.complete() ? all : values{};
}

void run(session& s, int number) {
  const std::size_t workers = s.workers_or(4);
  std::vector<placement> places{placement::process, placement::thread};
  if (s.options.where) places = {*s.options.where};
  for (const auto where : places) {
    if (s.stopping()) return;
    const auto got = run_in(s, where, workers, number);
    if (got.empty()) continue;
    s.show(fmt::format("{:<8}{}", to_string(where), got));
    if (s.options.verify && got != values(workers, fib_by_addition(number)))
      s.results().wrong(fmt::format("{}: fib({}) gives {}", to_string(where), number, got));
  }
}

}  // namespace

program_body add_switch(CLI::App& app) { return body_of_fib(app, 34, run); }

}  // namespace troupe::cli
