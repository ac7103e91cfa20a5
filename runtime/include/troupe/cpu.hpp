// How many workers make sense here.
#pragma once

#include <cstddef>

namespace troupe {

struct physical_t {
  explicit physical_t() = default;
};
inline constexpr physical_t physical{};

/// Cores that this process may use: its affinity, and the CPU quota of its cgroups rounded up.
/// At least 1. Python's os.cpu_count() counts the machine's instead.
std::size_t cpu_count();

/// Physical cores of the machine, without their hyper-threads; at least 1.
std::size_t cpu_count(physical_t);

}  // namespace troupe
