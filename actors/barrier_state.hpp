// A barrier: how many must meet, who has arrived, whether it is broken.
#pragma once

#include "actors/object_state.hpp"

#include <deque>

namespace troupe::detail {

/// verb   | whole                              | broken  | number
/// arrive | the last: all are done; else waits | broken  | how many had arrived before it
/// abort  | is broken; all that wait: broken   | nothing | -
/// reset  | all that wait: broken              | whole   | -
/// size   | done                               | done    | how many wait
///
/// At once, where it would wait: would_block, and it has not arrived. It breaks, too, when one that
/// waits is withdrawn or ends: those left would wait in vain. Who ends before it arrives is not
/// known here. After end() all is closed.
class barrier_state final : public object_state {
 public:
  /// At least one.
  explicit barrier_state(std::uint64_t parties) : parties_(parties) {}

  void ask(request&& r, replies& out) override;
  void withdraw(const answer_sink& from, std::uint64_t id, replies& out) override;
  void gone(const party& whom, replies& out) override;
  void end(replies& out) override;

 private:
  void arrive(request&& r, replies& out);
  void break_up(replies& out);

  const std::uint64_t parties_;
  std::deque<request> line_;  // fewer than parties_, none while it is broken
  bool broken_ = false;
  bool ended_ = false;
};

}  // namespace troupe::detail
