// troupe doctor

#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/machine.hpp"
#include "runtime/cli/subcommand.hpp"

#include <troupe/cpu.hpp>
#include <troupe/pool.hpp>
#include <troupe/tasks.hpp>

#include <fmt/format.h>

namespace troupe::cli {

namespace {

void line(const std::string& what, const std::string& text) {
  fmt::print("{:<14}{}\n", what, text);
}

std::string bytes(std::uint64_t n) {
  constexpr double mebi = 1 << 20, gibi = 1 << 30;
  if (static_cast<double>(n) >= gibi)
    return fmt::format("{:.1f} GiB", static_cast<double>(n) / gibi);
  return fmt::format("{:.1f} MiB", static_cast<double>(n) / mebi);
}

// 0-3,8
std::string ranges(const std::vector<int>& sorted) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < sorted.size();) {
    auto j = i;
    while (j + 1 < sorted.size() && sorted[j + 1] == sorted[j] + 1) ++j;
    parts.push_back(i == j ? std::to_string(sorted[i])
                           : fmt::format("{}-{}", sorted[i], sorted[j]));
    i = j + 1;
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

std::string amount(const limit& l, const std::optional<std::uint64_t>& value) {
  if (!value) return "unlimited";
  return l.bytes ? bytes(*value) : std::to_string(*value);
}

void show(const machine& m) {
  line("system", m.kernel);
  line("processors", fmt::format("{} logical, {} physical", m.online, cpu_count(physical)));
  line("  for us", fmt::format("{} workers by default; may run on {} ({})", cpu_count(),
                               m.affinity.size(), ranges(m.affinity)));
  line("memory", fmt::format("{}, of which {} available", bytes(m.memory), bytes(m.available)));
  for (const auto& l : m.limits)
    line(&l == &m.limits.front() ? "limits" : "",
         fmt::format("{:<14} {:<10} (hard {}; {})", l.name, amount(l, l.soft), amount(l, l.hard),
                     l.symbol));
  for (const auto& c : m.calls)
    line(&c == &m.calls.front() ? "system calls" : "",
         fmt::format("{:<14} {}", c.name, c.error.empty() ? "works" : c.error));
}

// Starts one worker, lets it do something, and ends it. Returns why that did not work.
std::string try_worker(placement where) {
  using clock = std::chrono::steady_clock;
  const auto ms = [](clock::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
  };
  try {
    const auto begin = clock::now();
    troupe::system system;
    const auto system_made = clock::now();
    troupe::pool pool{system, {.workers = 1, .where = where}};
    const auto started = clock::now();
    pool.apply<troupe::tasks::pid>();
    const auto answered = clock::now();
    line(where == placement::inline_ ? "workers" : "",
         fmt::format("{:<14} started in {:.2f} ms, answered in {:.3f} ms (actor system {:.2f} ms)",
                     to_string(where), ms(started - system_made), ms(answered - started),
                     ms(system_made - begin)));
    return "";
  } catch (const std::exception& e) {
    line(where == placement::inline_ ? "workers" : "",
         fmt::format("{:<14} FAILED", to_string(where)));
    return e.what();
  }
}

// What may be the reason, and what to do.
std::vector<std::string> advice(const machine& m) {
  std::vector<std::string> out;
  constexpr std::uint64_t files_each = 8, files_to_begin_with = 64, least_memory = 64 << 20;
  for (const auto& c : m.calls)
    if (!c.error.empty())
      out.push_back(
          fmt::format("{} fails ({}): worker processes need {} or later, and a sandbox "
                      "(seccomp) that lets it through",
                      c.name, c.error, c.since));
  for (const auto& l : m.limits) {
    if (!l.soft) continue;
    const auto needed = l.bytes ? least_memory : files_to_begin_with + files_each * cpu_count();
    if (l.symbol == "RLIMIT_NOFILE" && *l.soft < needed)
      out.push_back(fmt::format("only {} open files are allowed: ulimit -n {}", *l.soft, needed));
    if (l.symbol == "RLIMIT_NPROC" && *l.soft < needed)
      out.push_back(fmt::format("only {} processes are allowed: ulimit -u {}", *l.soft, needed));
    if ((l.symbol == "RLIMIT_AS" || l.symbol == "RLIMIT_DATA") && *l.soft < needed)
      out.push_back(fmt::format("{} is limited to {}: ulimit -{} unlimited", l.name, bytes(*l.soft),
                                l.symbol == "RLIMIT_AS" ? 'v' : 'd'));
  }
  return out;
}

int run_doctor() {
  const auto m = inspect_machine();
  show(m);
  bool fine = true;
  for (const auto where : {placement::inline_, placement::thread, placement::process}) {
    const auto error = try_worker(where);
    std::fflush(stdout);
    if (error.empty()) continue;
    fine = false;
    fmt::print(stderr, "troupe: {} workers do not work: {}\n", to_string(where), error);
  }
  const auto remedies = advice(m);
  for (const auto& remedy : remedies) fmt::print(stderr, "troupe: {}\n", remedy);
  if (!fine && remedies.empty())
    fmt::print(stderr,
               "troupe: no reason is known; try `-w thread`, and report it with the above\n");
  if (fine) fmt::print("everything works\n");
  return fine ? exit_code::ok : exit_code::no_workers;
}

}  // namespace

action add_doctor(CLI::App&) {
  return [](const words&) { return run_doctor(); };
}

}  // namespace troupe::cli
