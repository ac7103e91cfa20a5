// Tasks that end their worker.
#pragma once

#include "tests/runtime/support.hpp"

namespace support {

/// Ways to die, by name, so that one task has them all: "SIGSEGV", "exit(3)", "raise 9" …; any
/// other name never ends.
int die(const std::string& how);
/// The value, or what() of the error.
std::string value_or_error(const troupe::future<int>& f);

}  // namespace support
