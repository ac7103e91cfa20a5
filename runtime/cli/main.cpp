// troupe: programs in pools of workers, from the command line.

#include "runtime/cli/command_line.hpp"
#include "runtime/cli/terminal.hpp"

#include <troupe/init.hpp>

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::cli::prepare_streams();
  return troupe::cli::run_command_line(argc, argv);
}
