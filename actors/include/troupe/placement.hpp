// Where a worker lives. One word; the program, the handles and the errors stay the same.
#pragma once

#include <cstdint>

namespace troupe {

/// What a crash of the worker's code can reach:
///  inline_  no worker at all: the task runs inside submit, through the same encoding. For
///           debugging and tests.
///  thread   a thread of this process: as fast as it gets, and it shares the host's fate.
///  process  a process of its own: nothing but the task in hand.
enum class placement : std::uint8_t { inline_, thread, process };

constexpr const char* to_string(placement p) noexcept {
  switch (p) {
    case placement::inline_: return "inline";
    case placement::thread: return "thread";
    case placement::process: return "process";
  }
  return "?";
}

}  // namespace troupe
