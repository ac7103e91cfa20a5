#include "runtime/cli/aloud.hpp"

#include "runtime/cli/terminal.hpp"

#include <troupe/this_worker.hpp>

#include <cstdio>

namespace troupe::cli {

void print_aloud(const std::string& text) {
  if (this_worker::where() == placement::process) prepare_streams();  // main did not
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace troupe::cli
