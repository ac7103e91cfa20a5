// Counts what the test program takes from operator new, which memory_meter.cpp replaces.
#pragma once

#include <cstddef>

/// While it lives: what this thread has at most held at one time, beyond what it held before.
class memory_meter {
 public:
  memory_meter() noexcept;
  std::size_t peak() const noexcept;
};
