// troupe version

#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/subcommand.hpp"

#include <troupe/version.hpp>

#include <fmt/format.h>
#include <cstring>

namespace troupe::cli {

action add_version(CLI::App&) {
  return [](const words&) {
    fmt::print("troupe {}\n", troupe::version());
    if (std::strcmp(troupe::version(), TROUPE_VERSION) != 0)
      fmt::print("(the command was built for {})\n", TROUPE_VERSION);
    return exit_code::ok;
  };
}

}  // namespace troupe::cli
