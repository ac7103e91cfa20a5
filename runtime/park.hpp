// Waiting for a 32-bit word to change, and waking those who wait: a futex.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace troupe::detail {

using steady_time = std::chrono::steady_clock::time_point;
inline constexpr steady_time never = steady_time::max();

/// now + d, where d may be as long as it likes.
steady_time time_after(std::chrono::nanoseconds d) noexcept;

/// Blocks while the word is `value`, at most until the deadline; may return early. `shared`: the
/// word lies in memory that other processes see.
void park(const std::atomic<std::uint32_t>& word, std::uint32_t value, steady_time until = never,
          bool shared = false) noexcept;
void unpark_one(const std::atomic<std::uint32_t>& word, bool shared = false) noexcept;
void unpark_all(const std::atomic<std::uint32_t>& word, bool shared = false) noexcept;

}  // namespace troupe::detail
