// What a worker itself prints, where others print too.
#pragma once

#include <string>

namespace troupe::cli {

/// To stdout, in one piece and at once. For any thread of any worker. Whether it arrived is told
/// by console::closed().
void print_aloud(const std::string& text);

}  // namespace troupe::cli
