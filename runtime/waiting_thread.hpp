// A thread that waits for an answer.
#pragma once

#include "actors/object_state.hpp"
#include "runtime/park.hpp"

#include <functional>

namespace troupe::detail {

/// Where the answer goes that a thread waits for. A thread waits for one at a time.
class waiting_thread final : public answer_sink,
                             public std::enable_shared_from_this<waiting_thread> {
 public:
  /// The calling thread's own.
  static waiting_thread& here();

  /// Before it asks: the number of the next request.
  std::uint64_t begin() noexcept;
  void answered(reply&& r) noexcept override;
  /// Returns the answer. At the deadline, or once the calling task is asked to stop, it withdraws
  /// the request and waits for the last word. Throws cancelled_error if it was stopped for good.
  reply wait(steady_time until, const std::function<void()>& withdraw);

 private:
  static constexpr std::uint32_t is_answered = 1, stopping = 2, asleep = 4;
  void set(std::uint32_t what) noexcept;
  reply take();

  std::atomic<std::uint32_t> word_{0};
  std::uint64_t id_ = 0;
  reply answer_;
};

/// The calling thread's number in this process, from 1. `at_end` is told of it when the thread ends.
std::uint64_t thread_number(void (*at_end)(std::uint64_t thread) noexcept);

}  // namespace troupe::detail
