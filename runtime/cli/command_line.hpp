#pragma once

namespace troupe::cli {

/// Reads the command line and does what it says; returns the exit code.
int run_command_line(int argc, char** argv);

}  // namespace troupe::cli
