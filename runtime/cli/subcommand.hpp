// What `troupe` can do: one line a subcommand in the table of subcommands.cpp.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace troupe::cli {

using words = std::vector<std::string>;
/// Gets what stands behind `--`, word for word, and returns the exit code.
using action = std::function<int(const words&)>;

struct subcommand {
  const char* name;
  const char* what;  ///< in one line
  /// Adds its flags; they live in the action that it returns.
  action (*add)(CLI::App&);
  bool takes_command = false;  ///< behind `--`
};

std::span<const subcommand> subcommands();

action add_list(CLI::App&);
action add_run(CLI::App&);
action add_map(CLI::App&);
action add_doctor(CLI::App&);
action add_bench(CLI::App&);
action add_version(CLI::App&);

}  // namespace troupe::cli
