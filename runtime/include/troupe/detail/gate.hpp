#pragma once

#include <troupe/detail/job.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

namespace troupe::detail {

using steady_deadline = std::optional<std::chrono::steady_clock::time_point>;  // nothing: never
steady_deadline deadline_after(duration d);

/// Jobs pass it in the order in which they end. One thread waits at it.
class gate {
 public:
  gate();
  ~gate();  ///< jobs that have not ended yet may still do so
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;

  void add(job& j, std::size_t index);
  /// The index of the next that has ended; nothing once the deadline is over.
  std::optional<std::size_t> next(steady_deadline until);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace troupe::detail
