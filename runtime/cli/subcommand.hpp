// What `troupe` can do: one line a subcommand in the table of subcommands.cpp.
#pragma once

#include <functional>
#include <span>

namespace CLI {
class App;
}

namespace troupe::cli {

using action = std::function<int()>;  ///< returns the exit code

struct subcommand {
  const char* name;
  const char* what;  ///< in one line
  /// Adds its flags; they live in the action that it returns.
  action (*add)(CLI::App&);
};

std::span<const subcommand> subcommands();

action add_list(CLI::App&);
action add_run(CLI::App&);
action add_doctor(CLI::App&);
action add_bench(CLI::App&);
action add_version(CLI::App&);

}  // namespace troupe::cli
