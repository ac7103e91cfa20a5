#include "runtime/cli/program.hpp"
#include "runtime/cli/spawned.hpp"

#include <troupe/tasks.hpp>
#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <map>
#include <set>

namespace troupe::cli {

namespace {

struct nap {
  int n = 0;
  duration second{0};
};

void to_json(json& j, const nap& x) { j = x.n; }

// (n, pid); a struct, for the JSON line.
struct ran {
  int n = 0;
  int pid = 0;
};

void to_json(json& j, const ran& r) { j = {r.n, r.pid}; }

ran do_work(const nap& x) {
  tasks::sleep(x.n * x.second);
  return {x.n, this_worker::pid()};
}

void verify(session& s, const std::map<int, int>& pid_of) {
  std::set<int> pids;
  for (const auto& [n, pid] : pid_of) pids.insert(pid);
  const bool processes = s.where() == placement::process;
  if (pids.size() != (processes ? pid_of.size() : 1))
    s.results().wrong(fmt::format("{} tasks ran in {} processes", pid_of.size(), pids.size()));
  if (pids.contains(this_worker::pid()) == processes)
    s.results().wrong(processes ? "a task ran in this process" : "they ran in another process");
}

// As many workers as tasks; the answers in the order of the tasks.
void run_in(session& s, placement where, duration second) {
  const auto workers = count_for(s, 4);
  s.open_pool(where, workers);
  s.wait_for_workers();  // or the first one there would take two
  if (s.stopping()) return;
  s.results().tags = {{"where", to_string(where)}};
  std::vector<nap> naps;
  for (int n = 1; n <= static_cast<int>(workers); ++n) naps.push_back({n, second});
  std::map<int, int> pid_of;
  const auto t = run_tasks<do_work>(s, fmt::format("process_id, {}", to_string(where)), naps,
                                    [&](std::size_t i, const ran& r, const receipt&) {
                                      pid_of[r.n] = r.pid;
                                      if (s.options.verify && r.n != naps[i].n)
                                        s.results().wrong(fmt::format("task {}", r.n));
                                    });
  if (!s.options.json)
    for (const auto& [n, pid] : pid_of)
      s.out().result(fmt::format("ran task {} in process {}", n, pid));
  if (s.options.verify && t.complete()) verify(s, pid_of);
}

void run(session& s, duration second) {
  std::vector<placement> places{placement::process, placement::thread};
  if (s.options.where) places = {*s.options.where};
  for (const auto where : places) {
    if (s.stopping()) return;
    s.out().note(fmt::format("workers: {}", to_string(where)));
    run_in(s, where, second);
  }
}

}  // namespace

program_body add_process_id(CLI::App& app) {
  const auto second = add_seconds(app, "--second", "how long a second of the document lasts");
  return [second](session& s) { run(s, *second); };
}

}  // namespace troupe::cli
