#include "runtime/cli/command_line.hpp"

#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/nearest.hpp"
#include "runtime/cli/subcommand.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <algorithm>
#include <iostream>
#include <troupe/version.hpp>

namespace troupe::cli {

namespace {

// The innermost subcommand that was named: `troupe run primes`.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.back());
}

std::string full_name(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

// CLI11 would take some of these words for its own, and alter others: it gets to see none of them.
words cut_command(int& argc, char** argv) {
  const auto takes_command = [&](const subcommand& s) {
    return s.takes_command && argc > 1 && std::string_view{argv[1]} == s.name;
  };
  if (!std::ranges::any_of(subcommands(), takes_command)) return {};
  const int all = argc;
  for (argc = 0; argc < all && std::string_view{argv[argc]} != "--";) ++argc;
  return argc < all ? words(argv + argc + 1, argv + all) : words{};
}

bool takes_command(const CLI::App& at) {
  return std::ranges::any_of(subcommands(), [&](const subcommand& s) {
    return s.takes_command && at.get_name() == s.name;
  });
}

std::string explain_unknown(const CLI::App& at, const std::string& word) {
  if (word.starts_with("-")) {
    const auto flag = word.substr(0, word.find('='));
    return fmt::format("unknown flag '{}'{}", flag, did_you_mean(flag, flags_of(at)));
  }
  if (takes_command(at))
    return fmt::format("the command stands behind --: {} -- {} …", full_name(at), word);
  const auto names = subcommands_of(at);
  if (names.empty()) return fmt::format("what is '{}' for?", word);
  const auto suggestion = did_you_mean(word, names);
  if (!suggestion.empty()) return fmt::format("there is no '{}'{}", word, suggestion);
  return fmt::format("there is no '{}'; there are: {}", word, fmt::join(names, ", "));
}

int explain(const CLI::App& app, const CLI::ParseError& e) {
  const auto& at = innermost(app);
  const auto rest = app.remaining(true);
  const auto why = rest.empty() ? std::string{e.what()} : explain_unknown(at, rest.front());
  std::cerr << full_name(at) << ": " << why << "\nsee: " << full_name(at) << " --help\n";
  return exit_code::usage;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  const int given = argc;
  const auto command = cut_command(argc, argv);
  CLI::App app{"Actors and message passing for C++20, in threads and processes.", "troupe"};
  app.set_version_flag("--version", std::string{"troupe "} + troupe::version());
  app.require_subcommand(1);
  std::vector<std::pair<const CLI::App*, action>> actions;
  for (const auto& s : subcommands()) {
    auto* sub = app.add_subcommand(s.name, s.what);
    actions.emplace_back(sub, s.add(*sub));
  }
  app.footer("Begin with: troupe list, troupe run tour, troupe run primes");  // not theirs, too
  if (given <= 1) {
    std::cerr << app.help();
    return exit_code::usage;
  }
  try {
    app.parse(argc, argv);
    for (const auto& [sub, act] : actions)
      if (sub->parsed()) return act(command);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    return explain(app, e);
  } catch (const std::exception& e) {
    std::cerr << "troupe: " << e.what() << "\n";
    return exit_code::task_failed;
  }
  return exit_code::usage;
}

}  // namespace troupe::cli
