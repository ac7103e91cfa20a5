#include "runtime/cli/program.hpp"
#include "runtime/cli/spawned.hpp"

#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <filesystem>
#include <set>

namespace troupe::cli {

namespace {

constexpr std::size_t as_in_the_document = 7;

struct details {
  std::string name, module;
  int parent = 0, pid = 0;
};

void to_json(json& j, const details& d) {
  j = {{"name", d.name}, {"module", d.module}, {"parent", d.parent}, {"pid", d.pid}};
}

// A worker process runs the program that made it: hence the "module".
details process_info() {
  return {this_worker::name(), std::filesystem::read_symlink("/proc/self/exe").filename().string(),
          this_worker::parent_pid(), this_worker::pid()};
}

void show(session& s, const details& d) {
  s.show(fmt::format("Name:{}\nModule:{}\nParent Process id:{}\nProcess id:{}\n", d.name, d.module,
                     d.parent, d.pid));
}

void verify(session& s, const std::vector<details>& all) {
  std::set<int> pids, parents;
  std::set<std::string> names, modules;
  for (const auto& d : all) {
    pids.insert(d.pid);
    parents.insert(d.parent);
    names.insert(d.name);
    modules.insert(d.module);
  }
  const bool processes = s.where() == placement::process;
  if (pids.size() != (processes ? all.size() : 1))
    s.results().wrong(fmt::format("{} workers have {} processes", all.size(), pids.size()));
  if (processes && parents != std::set<int>{this_worker::pid()})
    s.results().wrong("not all are children of this process");
  if (names.size() != all.size()) s.results().wrong("two workers have one name");
  if (modules.size() != 1) s.results().wrong("they do not all run the same program");
}

void run(session& s) {
  const auto workers = count_for(s, as_in_the_document);
  auto& sys = s.without_pool(placement_for(s), workers);
  std::vector<plan<details>> plans;
  for (std::size_t i = 0; i < workers; ++i)
    plans.push_back({i, "", [](troupe::system& in, const spawn_options& o) {
                       return in.spawn<process_info>(o);
                     }});
  std::vector<details> all;
  const auto t = run_spawned(s, sys, "info", plans, [&](std::size_t, const details& d) {
    show(s, d);
    all.push_back(d);
    return json(d);
  });
  if (s.options.verify && t.complete()) verify(s, all);
}

}  // namespace

program_body add_info(CLI::App&) { return run; }

}  // namespace troupe::cli
