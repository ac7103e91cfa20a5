// A semaphore: how many permits are free, who holds the others, who waits for one.
#pragma once

#include "actors/object_state.hpp"

#include <deque>

namespace troupe::detail {

/// verb    | a permit is free | none is                     | number
/// acquire | asker holds it   | waits; at_once: would_block | -
/// release | one more is free | the oldest waiter holds it  | -
/// size    | done             | done                        | permits that are free
///
/// Whoever likes may release. It counts as the release of what the asker holds; if it holds none,
/// of what has been held for longest; if nobody holds any, there is one permit more than before.
/// The permits of threads that end are released. After end() all is closed.
class semaphore_state final : public object_state {
 public:
  explicit semaphore_state(std::uint64_t permits) : free_(permits) {}

  void ask(request&& r, replies& out) override;
  void withdraw(const answer_sink& from, std::uint64_t id, replies& out) override;
  void gone(const party& whom, replies& out) override;
  void end(replies& out) override;

 private:
  void acquire(request&& r, replies& out);
  void release(const party& who, replies& out);
  void give_out(replies& out);

  std::uint64_t free_;
  std::deque<party> holders_;  // of one permit each, oldest first
  std::deque<request> line_;   // only while none is free
  bool ended_ = false;
};

}  // namespace troupe::detail
