// hello, five

#include "runtime/cli/aloud.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/spawned.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

// With --json it is for the host to print.
std::string said(std::string line, bool aloud) {
  if (aloud) print_aloud(line + "\n");
  return line;
}

std::string hello(const std::string& name, bool aloud) { return said("Hello " + name, aloud); }
std::string worker_says(int num, bool aloud) { return said(fmt::format("Worker: {}", num), aloud); }

void run(session& s, const std::vector<plan<std::string>>& plans,
         const std::function<std::string(std::size_t)>& expected) {
  auto& sys = s.without_pool(placement_for(s), plans.size());
  run_spawned(s, sys, "", plans, [&](std::size_t i, const std::string& line) {
    if (s.options.verify && line != expected(i)) s.results().wrong(line);
    return json(line);
  });
}

void run_hello(session& s, const std::string& name) {
  const bool aloud = !s.options.json;
  const plan<std::string> one{name, "", [=](troupe::system& sys, const spawn_options& o) {
                                return sys.spawn<hello>(o, name, aloud);
                              }};
  run(s, std::vector(count_for(s, 1), one), [&](std::size_t) { return "Hello " + name; });
}

void run_five(session& s) {
  const bool aloud = !s.options.json;
  std::vector<plan<std::string>> plans;
  for (int i = 0; i < static_cast<int>(count_for(s, 5)); ++i)
    plans.push_back({i, "", [=](troupe::system& sys, const spawn_options& o) {
                       return sys.spawn<worker_says>(o, i, aloud);
                     }});
  run(s, plans, [](std::size_t i) { return fmt::format("Worker: {}", i); });
}

}  // namespace

program_body add_hello(CLI::App& app) {
  const auto name = std::make_shared<std::string>("bob");
  add_text(app, "--name", "NAME", "who is greeted", *name);
  return [name](session& s) { run_hello(s, *name); };
}

program_body add_five(CLI::App&) { return run_five; }

}  // namespace troupe::cli
