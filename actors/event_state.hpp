// An event: whether it is set, who waits for it.
#pragma once

#include "actors/object_state.hpp"

#include <deque>

namespace troupe::detail {

/// verb   | clear                       | set      | number
/// set    | is set; all that wait: done | nothing  | -
/// clear  | nothing                     | is clear | -
/// is_set | done                        | done     | 0, 1
/// await  | waits; at_once: would_block | done     | -
///
/// What a thread has set stays set when it ends. After end() all is closed.
class event_state final : public object_state {
 public:
  void ask(request&& r, replies& out) override;
  void withdraw(const answer_sink& from, std::uint64_t id, replies& out) override;
  void gone(const party& whom, replies& out) override;
  void end(replies& out) override;

 private:
  void await(request&& r, replies& out);

  std::deque<request> line_;  // only while it is clear
  bool set_ = false;
  bool ended_ = false;
};

}  // namespace troupe::detail
