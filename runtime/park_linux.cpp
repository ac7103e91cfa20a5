#include "runtime/park.hpp"

#include <climits>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe::detail {

namespace {

void futex(const std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* until, bool shared) noexcept {
  static_assert(sizeof word == 4);
  syscall(SYS_futex, &word, operation | (shared ? 0 : FUTEX_PRIVATE_FLAG), value, until, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

}  // namespace

steady_time time_after(std::chrono::nanoseconds d) noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (d <= std::chrono::nanoseconds::zero()) return now;
  return d >= never - now ? never : now + d;
}

// WAIT_BITSET, since its timeout is a point in time on the monotonic clock, as steady_clock's.
void park(const std::atomic<std::uint32_t>& word, std::uint32_t value, steady_time until,
          bool shared) noexcept {
  if (until == never) return futex(word, FUTEX_WAIT_BITSET, value, nullptr, shared);
  const auto ns = until.time_since_epoch().count();
  const timespec when{ns / 1'000'000'000, ns % 1'000'000'000};
  futex(word, FUTEX_WAIT_BITSET, value, &when, shared);
}

void unpark_one(const std::atomic<std::uint32_t>& word, bool shared) noexcept {
  futex(word, FUTEX_WAKE, 1, nullptr, shared);
}

void unpark_all(const std::atomic<std::uint32_t>& word, bool shared) noexcept {
  futex(word, FUTEX_WAKE, INT_MAX, nullptr, shared);
}

}  // namespace troupe::detail
