#include "runtime/cli/aloud.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/spawned.hpp"

#include <troupe/tasks.hpp>
#include <troupe/this_worker.hpp>

#include <fmt/format.h>

namespace troupe::cli {

namespace {

using lines = std::vector<std::string>;

// Nobody tells it its name: it knows.
lines live(duration how_long, bool aloud) {
  lines said;
  const auto say = [&](const char* what) {
    said.push_back(this_worker::name() + what);
    if (aloud) print_aloud(said.back() + "\n");
  };
  say(" Starting");
  tasks::sleep(how_long);
  say(" Exiting");
  return said;
}

lines worker_for(duration second, bool aloud) { return live(2 * second, aloud); }
lines my_service(duration second, bool aloud) { return live(3 * second, aloud); }

template <auto F>
plan<lines> planned(std::string role, std::string name, duration second, bool aloud) {
  return {role, name, [=](troupe::system& sys, const spawn_options& o) {
            return sys.spawn<F>(o, second, aloud);
          }};
}

void verify(session& s, const std::string& name, const lines& said) {
  const auto starting = " Starting";
  const bool right = said.size() == 2 && said[0].ends_with(starting) &&
                     (name.empty() || said[0] == name + starting) &&
                     said[1] == said[0].substr(0, said[0].size() - 9) + " Exiting";
  if (!right) s.results().wrong(fmt::format("{} says {}", name, json(said).dump()));
}

void run(session& s, duration second) {
  const bool aloud = !s.options.json;
  const auto workers = count_for(s, 2);
  auto& sys = s.without_pool(placement_for(s), workers + 1);
  std::vector<plan<lines>> plans;
  for (std::size_t i = 0; i < workers; ++i)
    plans.push_back(planned<worker_for>(fmt::format("worker {}", i + 1), i == 0 ? "worker 1" : "",
                                        second, aloud));
  plans.push_back(planned<my_service>("my_service", "my_service", second, aloud));
  run_spawned(s, sys, "", plans, [&](std::size_t i, const lines& said) {
    if (s.options.verify) verify(s, plans[i].name, said);
    return json(said);
  });
}

}  // namespace

program_body add_services(CLI::App& app) {
  const auto second = add_seconds(app, "--second", "how long a second of the document lasts");
  return [second](session& s) { run(s, *second); };
}

}  // namespace troupe::cli
