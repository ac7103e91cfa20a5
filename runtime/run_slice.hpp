// Running one slice, the same wherever a worker lives.
#pragma once

#include "actors/pool_state.hpp"

#include <troupe/callable.hpp>

namespace troupe::detail {

/// Measures what a thread's tasks take. The CPU clock is a system call, so for short tasks their
/// wall time is taken for it, and the clock read again only now and then.
class task_clock {
 public:
  void start() noexcept;
  /// Fills in ran, cpu, now.
  void stop(answer& a) noexcept;

 private:
  std::int64_t started_ = 0;
  std::int64_t cpu_seen_ = -1;   // CPU clock at the last reading
  std::int64_t assumed_ = 0;     // CPU time ascribed to tasks since
};

/// Runs what is left of a slice: `args` holds the function object, if any, then the arguments.
/// `call` null: this program has no such function, every item ends with unknown_function.
/// Fills in items, first_error, errors. False: out of memory, an item's error could not be told.
bool run_slice(const callable_entry* call, slice_cursor& cursor, std::span<const std::byte> args,
               sink& out, answer& a);

std::int64_t steady_ns() noexcept;

}  // namespace troupe::detail
