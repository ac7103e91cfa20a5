// troupe run, troupe list

#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/subcommand.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

namespace troupe::cli {

namespace {

// Everything that a program may end with, as an exit code; always with the summary.
int run_program(const program& p, const run_options& options, const program_body& body) {
  session s{p.name, options};
  try {
    body(s);
  } catch (const no_workers& e) {
    s.results().fail(exit_code::no_workers, fmt::format("the workers could not be started: {}\n"
                                                        "`troupe doctor` tells what is missing",
                                                        e.what()));
  } catch (const troupe::usage_error& e) {
    s.out().complain(e.what());
    return exit_code::usage;
  } catch (const std::exception& e) {
    if (!s.stopping()) s.results().fail(exit_code::task_failed, e.what());
  }
  return s.finish();
}

struct choice {
  const CLI::App* app;
  const program* what;
  program_body body;
};

}  // namespace

action add_run(CLI::App& app) {
  const auto options = std::make_shared<run_options>();
  const auto choices = std::make_shared<std::vector<choice>>();
  app.require_subcommand(1);
  for (const auto& p : programs()) {
    auto* sub = app.add_subcommand(p.name, p.what);
    sub->footer(fmt::format("{}\n\nFrom: {}\n\n{}", p.more, p.from, exit_codes_explained));
    choices->push_back({sub, &p, p.add(*sub)});
    add_run_flags(*sub, *options);
  }
  add_run_flags(app, *options);  // before the program's name, too
  app.footer("Each program has its own --help: troupe run primes --help");
  return [options, choices] {
    for (const auto& c : *choices)
      if (c.app->parsed()) return run_program(*c.what, *options, c.body);
    return exit_code::usage;
  };
}

action add_list(CLI::App&) {
  return [] {
    for (const auto& p : programs()) fmt::print("{:<12}{}\n", p.name, p.what);
    return exit_code::ok;
  };
}

}  // namespace troupe::cli
