// The programs of `troupe run`.
#pragma once

#include "runtime/cli/session.hpp"

#include <functional>
#include <span>
#include <string>

namespace CLI {
class App;
}

namespace troupe::cli {

using program_body = std::function<void(session&)>;

struct program {
  const char* name;
  const char* what;  ///< in one line
  const char* from;  ///< the document that it was first shown in
  const char* more;  ///< for its --help, with examples
  /// Adds its own flags, which live in what it returns.
  program_body (*add)(CLI::App&);
};

std::span<const program> programs();

program_body add_console(CLI::App&);
program_body add_cores(CLI::App&);
program_body add_cube(CLI::App&);
program_body add_cubes(CLI::App&);
program_body add_downloads(CLI::App&);
program_body add_executor(CLI::App&);
program_body add_exercise(CLI::App&);
program_body add_fetch(CLI::App&);
program_body add_fib(CLI::App&);
program_body add_five(CLI::App&);
program_body add_hello(CLI::App&);
program_body add_ids(CLI::App&);
program_body add_info(CLI::App&);
program_body add_jobs(CLI::App&);
program_body add_list_program(CLI::App&);
program_body add_primes(CLI::App&);
program_body add_process_id(CLI::App&);
program_body add_services(CLI::App&);
program_body add_sleepers(CLI::App&);
program_body add_sqrt(CLI::App&);
program_body add_states(CLI::App&);
program_body add_switch(CLI::App&);
program_body add_tour(CLI::App&);
program_body add_two_queues(CLI::App&);

}  // namespace troupe::cli
