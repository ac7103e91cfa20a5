#include "actors/lock_state.hpp"

#include "actors/waiting_line.hpp"

namespace troupe::detail {

void lock_state::ask(request&& r, replies& out) {
  const bool holds = holder_ == r.who;
  if (ended_ && !(holds && r.what == verb::release))
    return out.push_back(answer_to(r, outcome::closed));
  switch (r.what) {
    case verb::acquire: return acquire(std::move(r), out);
    case verb::release:
      if (!holds) return out.push_back(answer_to(r, outcome::misused));
      out.push_back(answer_to(r, outcome::done));
      return pass_on(false, out);
    case verb::inherited:
      if (!holds) return out.push_back(answer_to(r, outcome::misused));
      return out.push_back(answer_to(r, outcome::done, inherited_));
    case verb::new_condition:
      return out.push_back(answer_to(r, outcome::done, ++conditions_));
    case verb::wait: return wait(std::move(r), out);
    case verb::notify: return out.push_back(answer_to(r, notify(r)));
    default: return out.push_back(answer_to(r, outcome::not_known));
  }
}

void lock_state::acquire(request&& r, replies& out) {
  if (holder_ && r.at_once) return out.push_back(answer_to(r, outcome::would_block));
  if (holder_ == r.who) return out.push_back(answer_to(r, outcome::deadlock));
  stand_in_line({std::move(r), outcome::done}, out);
}

void lock_state::wait(request&& r, replies& out) {
  if (holder_ != r.who || !knows(r.number)) return out.push_back(answer_to(r, outcome::misused));
  if (r.at_once) return out.push_back(answer_to(r, outcome::would_block));
  waiters_.push_back(std::move(r));
  pass_on(false, out);
}

// The asker still holds the mutex: so nobody is served yet.
outcome lock_state::notify(const request& r) {
  const auto condition = r.number & 0xffffffff;
  auto left = r.number >> 32;  // "all" is more than can ever wait
  if (holder_ != r.who || !knows(condition)) return outcome::misused;
  for (auto at = waiters_.begin(); at != waiters_.end() && left != 0;) {
    if (at->number != condition) {
      ++at;
      continue;
    }
    line_.push_back({std::move(*at), outcome::done});
    at = waiters_.erase(at);
    --left;
  }
  return outcome::done;
}

bool lock_state::knows(std::uint64_t condition) const {
  return condition != 0 && condition <= conditions_;
}

void lock_state::stand_in_line(claim&& c, replies& out) {
  line_.push_back(std::move(c));
  if (!holder_) pass_on(inherited_, out);
}

// From its holder, or from nobody, to the next in line.
void lock_state::pass_on(bool inherited, replies& out) {
  inherited_ = inherited;
  holder_.reset();
  if (line_.empty()) return;
  const auto next = take_first(line_);
  holder_ = next.who;
  out.push_back(answer_to(next, next.how, inherited_));
}

void lock_state::withdraw(const answer_sink& from, std::uint64_t id, replies& out) {
  if (auto r = take_out(waiters_, from, id))
    return stand_in_line({std::move(*r), outcome::timed_out}, out);
  const auto is_acquire = [&](const claim& c) {
    return c.what == verb::acquire && c.from.get() == &from && c.id == id;
  };
  // Who comes from a condition goes through the line: it may return only as the holder.
  if (std::any_of(line_.begin(), line_.end(), is_acquire)) time_out(line_, from, id, out);
}

void lock_state::gone(const party& whom, replies& out) {
  forget(waiters_, whom);
  forget(line_, whom);
  if (holder_ && whom.covers(*holder_)) pass_on(true, out);
}

void lock_state::end(replies& out) {
  ended_ = true;
  answer_all(line_, outcome::closed, out);
  answer_all(waiters_, outcome::closed, out);
}

}  // namespace troupe::detail
