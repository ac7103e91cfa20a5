// Memory for large messages. Fresh pages cost more than the copying that they are for, so a few
// blocks are kept for the next message, and huge pages are asked for.
#pragma once

#include <cstddef>

namespace troupe::detail {

inline constexpr std::size_t large_block = std::size_t{1} << 20;   ///< from here on a block is large
inline constexpr std::size_t large_kept = std::size_t{64} << 20;   ///< bytes kept at most, in all

struct block {
  void* memory = nullptr;
  std::size_t size = 0;
};

/// At least `size` bytes, holding what `old` held; `old`, null or large, is given up. Throws
/// std::bad_alloc, and then `old` is as it was.
block large_resize(block old, std::size_t size);
void large_free(block b) noexcept;

}  // namespace troupe::detail
