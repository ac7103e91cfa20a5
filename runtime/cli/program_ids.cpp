#include "runtime/cli/program.hpp"
#include "runtime/cli/runner.hpp"

#include <troupe/tasks.hpp>
#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <map>
#include <set>

namespace troupe::cli {

namespace {

struct identity {
  std::string name;
  int pid = 0;
  int parent = 0;
};

void to_json(json& j, const identity& i) {
  j = {{"name", i.name}, {"pid", i.pid}, {"parent", i.parent}};
}

// Takes its time, so that no worker answers for another.
identity who(int milliseconds) {
  troupe::tasks::sleep(std::chrono::milliseconds{milliseconds});
  return {this_worker::name(), this_worker::pid(), this_worker::parent_pid()};
}

std::string count(std::size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

void verify(session& s, std::size_t workers, const std::set<int>& pids,
            const std::set<int>& parents) {
  const auto processes = s.where() == placement::process ? workers : 1;
  if (pids.size() != processes)
    s.results().wrong(fmt::format("{} have {}", count(workers, "worker", "workers"),
                                  count(pids.size(), "process", "processes")));
  if (parents.size() != 1) s.results().wrong(fmt::format("they have {} parents", parents.size()));
}

void run(session& s) {
  s.open_pool(s.options.where.value_or(placement::process), s.options.workers);
  s.wait_for_workers();
  if (s.stopping()) return;
  const auto workers = s.where() == placement::inline_ ? 1 : s.workers();
  std::map<std::pair<std::size_t, std::string>, identity> seen;  // name-10 behind name-9
  run_tasks<who>(s, "ids", std::vector<int>(workers, 100),
                 [&](std::size_t, const identity& i, const receipt&) {
                   seen.insert({{i.name.size(), i.name}, i});
                 });
  std::set<int> pids, parents;
  if (!seen.empty()) s.show(fmt::format("{:<12}{:>10}{:>10}", "worker", "pid", "parent"));
  for (const auto& [key, i] : seen) {
    pids.insert(i.pid);
    parents.insert(i.parent);
    s.show(fmt::format("{:<12}{:>10}{:>10}", i.name, i.pid, i.parent));
  }
  if (s.stopping()) return;
  s.out().note(fmt::format("{} in {}, with {}", count(seen.size(), "worker", "workers"),
                           count(pids.size(), "process", "processes"),
                           count(parents.size(), "parent", "parents")));
  if (s.options.verify) verify(s, workers, pids, parents);
}

}  // namespace

program_body add_ids(CLI::App&) { return run; }

}  // namespace troupe::cli
