// Commands, behind run and check_output.
#pragma once

#include <troupe/command.hpp>

#include <string>
#include <vector>

namespace troupe::detail {

/// Which streams are captured.
struct captured_streams {
  bool out = false;
  bool err = false;
};

/// Checks nothing but what happens: argv and options are valid.
completed_process run_command(std::vector<std::string> argv, const command_options& options,
                              captured_streams captured);

/// For messages, in one line: arguments that are not plain words are quoted; a long one is cut.
std::string shown_command(const std::vector<std::string>& argv);

}  // namespace troupe::detail
