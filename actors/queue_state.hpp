// A queue: what was put, who waits to put and to get, what is in hand.
#pragma once

#include "actors/object_state.hpp"

#include <deque>
#include <map>

namespace troupe::detail {

struct queue_rules {
  std::size_t capacity = 0;  ///< items; 0: as many as there are
  bool redeliver = false;    ///< an item not yet task_done goes on when its consumer ends
};

/// verb      | open                                  | closed                | answer
/// put       | handed to a getter, stored, or waits  | closed                | -
/// get       | oldest item, or waits                 | oldest item, closed   | the item
/// peek      | there is an item, or waits            | item there, or closed | -
/// size      | items stored                          | items stored          | number
/// close     | all that wait, but to join: closed    | nothing               | -
/// task_done | one less unfinished; else misused     | the same              | -
/// join      | none unfinished, or waits             | the same              | -
///
/// An item is unfinished from its put to its task_done. When a consumer ends, what it had in hand
/// goes back to its place in front (redeliver; until then getters wait even if it is closed) or
/// counts as done: so that join() never waits for the dead.
class queue_state final : public object_state {
 public:
  explicit queue_state(queue_rules rules) : rules_(rules) {}

  void ask(request&& r, replies& out) override;
  void withdraw(const answer_sink& from, std::uint64_t id, replies& out) override;
  void gone(const party& whom, replies& out) override;
  void end(replies& out) override;

 private:
  struct item {
    std::uint64_t number = 0;  // in the order of the puts
    buffer bytes;
    keepers keep;
  };
  struct hand {
    std::uint64_t items = 0;
    std::deque<item> kept;  // of a queue that redelivers, in the order of the gets
  };

  void put(request&& r, replies& out);
  void get(request&& r, replies& out);
  void peek(request&& r, replies& out);
  void close(replies& out);
  bool ended(const party& for_whom) const;
  void end_getters(replies& out);
  void task_done(const request& r, replies& out);
  void done_with(std::uint64_t items, replies& out);
  void store(item&& i, replies& out);
  void give(const request& to, replies& out);
  void refill(replies& out);

  const queue_rules rules_;
  std::deque<item> items_;
  std::deque<request> getters_;  // only while items_ is empty
  std::deque<request> putters_;  // only while it is full
  std::deque<request> peekers_;  // only while it is empty and open
  std::deque<request> joiners_;  // only while something is unfinished
  std::map<party, hand> hands_;  // none is empty
  std::uint64_t puts_ = 0;
  std::uint64_t unfinished_ = 0;  // items_ and what is in hand
  bool closed_ = false;
};

}  // namespace troupe::detail
