// Whether a worker that ended is replaced, and when: a decision table, without clock or thread.
#pragma once

#include <troupe/restart_limit.hpp>

#include <deque>
#include <optional>

namespace troupe {

namespace detail {

using time_point = std::chrono::steady_clock::time_point;

/// How a worker ended:            | then
/// as it was told to              | replace it now
/// by itself, having worked       | replace it now; too many in the period: give up
/// by itself, before it was ready | replace it later and later; too many in a row: give up
struct restart_decision {
  enum kind : std::uint8_t { now, later, give_up } what = now;
  duration delay{0};  ///< with `later`
};

class restart_policy {
 public:
  explicit restart_policy(restart_limit limit) : limit_(limit) {}

  void worker_ready() noexcept { failed_starts_ = 0; }

  restart_decision worker_ended(time_point when, bool expected, bool was_ready) {
    if (expected) return {};
    deaths_.push_back(when);
    while (!deaths_.empty() && when - deaths_.front() > limit_.period) deaths_.pop_front();
    if (std::cmp_greater(deaths_.size(), limit_.max)) return {restart_decision::give_up, {}};
    if (was_ready) return {};
    if (++failed_starts_ > max_failed_starts) return {restart_decision::give_up, {}};
    const auto delay = first_delay * (1 << (failed_starts_ - 1));
    return {restart_decision::later, std::min<duration>(delay, longest_delay)};
  }

  /// In a row, over the whole pool: then workers plainly cannot start.
  static constexpr int max_failed_starts = 5;
  static constexpr duration first_delay = std::chrono::milliseconds{50};
  static constexpr duration longest_delay = std::chrono::seconds{5};

 private:
  restart_limit limit_;
  std::deque<time_point> deaths_;  // within the period; never more than max + 1
  int failed_starts_ = 0;
};

}  // namespace detail
}  // namespace troupe
