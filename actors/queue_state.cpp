#include "actors/queue_state.hpp"

#include "actors/waiting_line.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::detail {

void queue_state::ask(request&& r, replies& out) {
  switch (r.what) {
    case verb::put: return put(std::move(r), out);
    case verb::get: return get(std::move(r), out);
    case verb::peek: return peek(std::move(r), out);
    case verb::size: return out.push_back(answer_to(r, outcome::done, items_.size()));
    case verb::close:
      close(out);
      return out.push_back(answer_to(r, outcome::done));
    case verb::task_done: return task_done(r, out);
    case verb::join:
      if (unfinished_ == 0) return out.push_back(answer_to(r, outcome::done));
      if (r.at_once) return out.push_back(answer_to(r, outcome::would_block));
      return joiners_.push_back(std::move(r));
    default: return out.push_back(answer_to(r, outcome::not_known));
  }
}

void queue_state::put(request&& r, replies& out) {
  if (closed_) return out.push_back(answer_to(r, outcome::closed));
  if (rules_.capacity != 0 && items_.size() >= rules_.capacity) {
    if (r.at_once) return out.push_back(answer_to(r, outcome::would_block));
    return putters_.push_back(std::move(r));
  }
  out.push_back(answer_to(r, outcome::done));
  ++unfinished_;
  store({++puts_, std::move(r.payload), std::move(r.keep)}, out);
}

// Behind what is there already; to the oldest getter if there is one.
void queue_state::store(item&& i, replies& out) {
  items_.push_back(std::move(i));
  if (!getters_.empty()) return give(take_first(getters_), out);
  answer_all(peekers_, outcome::done, out);
}

void queue_state::get(request&& r, replies& out) {
  if (!items_.empty()) {
    give(r, out);
    return refill(out);
  }
  if (r.at_once)
    return out.push_back(answer_to(r, ended(r.who) ? outcome::closed : outcome::would_block));
  getters_.push_back(std::move(r));
  end_getters(out);
}

// Once it is closed and empty nothing comes any more; unless a consumer ends and what it had in
// hand comes back. Who waits for an item itself can be waited for in vain.
bool queue_state::ended(const party& for_whom) const {
  if (!closed_ || !items_.empty()) return false;
  const auto waits = [&](const party& p) {
    return p == for_whom || std::any_of(getters_.begin(), getters_.end(),
                                        [&](const request& g) { return g.who == p; });
  };
  return !rules_.redeliver ||
         std::all_of(hands_.begin(), hands_.end(), [&](const auto& h) { return waits(h.first); });
}

void queue_state::end_getters(replies& out) {
  if (!getters_.empty() && ended(getters_.front().who)) answer_all(getters_, outcome::closed, out);
}

void queue_state::give(const request& to, replies& out) {
  auto first = take_first(items_);
  auto& hand = hands_[to.who];
  ++hand.items;
  auto answer = answer_to(to, outcome::done);
  if (rules_.redeliver) {
    answer.payload.append(first.bytes.view());
    answer.keep = first.keep;
    hand.kept.push_back(std::move(first));
  } else {
    answer.payload = std::move(first.bytes);
    answer.keep = std::move(first.keep);
  }
  out.push_back(std::move(answer));
}

// There is room again: who waits to put goes on, oldest first.
void queue_state::refill(replies& out) {
  while (!putters_.empty() && items_.size() < rules_.capacity) put(take_first(putters_), out);
}

void queue_state::peek(request&& r, replies& out) {
  if (!items_.empty()) return out.push_back(answer_to(r, outcome::done));
  if (closed_) return out.push_back(answer_to(r, outcome::closed));
  if (r.at_once) return out.push_back(answer_to(r, outcome::would_block));
  peekers_.push_back(std::move(r));
}

void queue_state::close(replies& out) {
  if (std::exchange(closed_, true)) return;
  answer_all(putters_, outcome::closed, out);
  end_getters(out);
  answer_all(peekers_, outcome::closed, out);
}

void queue_state::task_done(const request& r, replies& out) {
  const auto mine = hands_.find(r.who);
  const bool in_hand = mine != hands_.end() && mine->second.items != 0;
  // Whoever likes may tell (a thread gets, another finishes), unless it matters who has the item.
  if (unfinished_ <= items_.size() || (rules_.redeliver && !in_hand))
    return out.push_back(answer_to(r, outcome::misused));
  const auto whose = in_hand ? mine : std::find_if(hands_.begin(), hands_.end(), [](const auto& h) {
    return h.second.items != 0;
  });
  if (whose != hands_.end()) {
    if (!whose->second.kept.empty()) whose->second.kept.pop_front();
    if (--whose->second.items == 0) hands_.erase(whose);
  }
  out.push_back(answer_to(r, outcome::done));
  done_with(1, out);
}

void queue_state::done_with(std::uint64_t items, replies& out) {
  unfinished_ -= items;
  if (unfinished_ == 0) answer_all(joiners_, outcome::done, out);
  end_getters(out);
}

void queue_state::withdraw(const answer_sink& from, std::uint64_t id, replies& out) {
  for (auto* waiting : {&getters_, &putters_, &peekers_, &joiners_})
    if (time_out(*waiting, from, id, out)) return;
}

void queue_state::gone(const party& whom, replies& out) {
  for (auto* waiting : {&getters_, &putters_, &peekers_, &joiners_}) forget(*waiting, whom);
  std::uint64_t lost = 0;
  std::vector<item> back;
  for (auto at = hands_.begin(); at != hands_.end();) {
    if (!whom.covers(at->first)) {
      ++at;
      continue;
    }
    if (!rules_.redeliver) lost += at->second.items;
    std::move(at->second.kept.begin(), at->second.kept.end(), std::back_inserter(back));
    at = hands_.erase(at);
  }
  const auto older = [](const item& x, const item& y) { return x.number < y.number; };
  for (auto& i : back)
    items_.insert(std::upper_bound(items_.begin(), items_.end(), i, older), std::move(i));
  while (!items_.empty() && !getters_.empty()) give(take_first(getters_), out);
  if (!items_.empty()) answer_all(peekers_, outcome::done, out);
  done_with(lost, out);
}

void queue_state::end(replies& out) {
  close(out);
  items_.clear();
  hands_.clear();
  end_getters(out);
  answer_all(joiners_, outcome::closed, out);
  unfinished_ = 0;
}

}  // namespace troupe::detail
