// A mutex and its conditions: who holds it, who is next, who waits to be notified.
#pragma once

#include "actors/object_state.hpp"

#include <deque>
#include <optional>

namespace troupe::detail {

/// verb          | the asker holds it           | another does | nobody does | number
/// acquire       | deadlock                     | waits        | asker does  | 0, 1: inherited
/// release       | the next in line holds it    | misused      | misused     | -
/// inherited     | done                         | misused      | misused     | 0, 1
/// new_condition | done                         | done         | done        | from 1 on
/// wait          | as release, then waits       | misused      | misused     | 0, 1: inherited
/// notify        | so many go to the line's end | misused      | misused     | -
///
/// At once, where it would wait or deadlock: would_block, and nothing is released.
/// wait and notify of a condition that is not are misused. notify's number: the condition, and
/// above its 32 bits how many at most, 0xffffffff for all. Who waited for a condition hears of it
/// only once it holds the mutex again: `done` if it was notified first, `timed_out` if withdrawn
/// first. A mutex is inherited from a holder that ended, until someone releases it or waits.
/// After end() all is closed, except that the holder may release.
class lock_state final : public object_state {
 public:
  void ask(request&& r, replies& out) override;
  void withdraw(const answer_sink& from, std::uint64_t id, replies& out) override;
  void gone(const party& whom, replies& out) override;
  void end(replies& out) override;

 private:
  struct claim : request {
    outcome how = outcome::done;  // it hears once it holds the mutex
  };

  void acquire(request&& r, replies& out);
  void wait(request&& r, replies& out);
  outcome notify(const request& r);
  bool knows(std::uint64_t condition) const;
  void stand_in_line(claim&& c, replies& out);
  void pass_on(bool inherited, replies& out);

  std::optional<party> holder_;
  std::deque<claim> line_;       // only while someone holds it
  std::deque<request> waiters_;  // of all conditions, oldest first
  std::uint64_t conditions_ = 0;
  bool inherited_ = false;
  bool ended_ = false;
};

}  // namespace troupe::detail
