#include "runtime/cli/machine.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/runner.hpp"

#include <troupe/cpu.hpp>

#include <fmt/format.h>

namespace troupe::cli {

namespace {

// "logical" and "physical" are the machine's, as psutil's; "usable" is what this process may use.
std::size_t cores(const std::string& kind) {
  if (kind == "logical") return inspect_machine().online;
  return kind == "physical" ? cpu_count(physical) : cpu_count();
}

void run(session& s) {
  s.open_pool(s.options.where.value_or(placement::process), s.workers_or(1));
  const std::vector<std::string> kinds{"physical", "logical", "usable"};
  std::vector<std::size_t> counts(kinds.size());
  const auto t = run_tasks<cores>(
      s, "cores", kinds, [&](std::size_t i, std::size_t n, const receipt&) { counts[i] = n; });
  if (!t.complete()) return;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    s.show(fmt::format("{:<10}{}", kinds[i], counts[i]));
    if (s.options.verify && counts[i] != cores(kinds[i]))
      s.results().wrong(fmt::format("a worker counts {} {} cores, and the command {}", counts[i],
                                    kinds[i], cores(kinds[i])));
  }
  if (s.options.verify && (counts[0] > counts[1] || counts[2] > counts[1]))
    s.results().wrong(fmt::format("of {} logical cores {} are physical and {} usable", counts[1],
                                  counts[0], counts[2]));
}

}  // namespace

program_body add_cores(CLI::App&) { return run; }

}  // namespace troupe::cli
