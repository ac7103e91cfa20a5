// troupe map: a command for each argument.
#pragma once

#include "runtime/cli/options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// What the failure of a command means for the others.
enum class halting { never, soon, now };  ///< goes on; starts no more; kills those that run, too

struct map_options {
  run_options run;
  std::vector<std::string> command;                   ///< {} stands for the argument
  std::optional<std::vector<std::string>> arguments;  ///< nothing: from stdin
  bool zeros = false;                                 ///< what separates them there; else newlines
  bool keep_order = false;
  bool tag = false;
  bool dry_run = false;
  halting halt = halting::never;
  std::string joblog;  ///< path, or ""
};

/// Returns the exit code; ends the process itself if a command cannot be killed.
int map_commands(const map_options& options);

}  // namespace troupe::cli
