#include "actors/semaphore_state.hpp"

#include "actors/waiting_line.hpp"

namespace troupe::detail {

void semaphore_state::ask(request&& r, replies& out) {
  if (ended_) return out.push_back(answer_to(r, outcome::closed));
  switch (r.what) {
    case verb::acquire: return acquire(std::move(r), out);
    case verb::release:
      out.push_back(answer_to(r, outcome::done));
      return release(r.who, out);
    case verb::size: return out.push_back(answer_to(r, outcome::done, free_));
    default: return out.push_back(answer_to(r, outcome::not_known));
  }
}

void semaphore_state::acquire(request&& r, replies& out) {
  if (free_ == 0 && r.at_once) return out.push_back(answer_to(r, outcome::would_block));
  line_.push_back(std::move(r));
  give_out(out);
}

void semaphore_state::release(const party& who, replies& out) {
  auto whose = std::find(holders_.begin(), holders_.end(), who);
  if (whose == holders_.end()) whose = holders_.begin();
  if (whose != holders_.end()) holders_.erase(whose);
  ++free_;
  give_out(out);
}

void semaphore_state::give_out(replies& out) {
  for (; free_ != 0 && !line_.empty(); --free_) {
    const auto r = take_first(line_);
    holders_.push_back(r.who);
    out.push_back(answer_to(r, outcome::done));
  }
}

void semaphore_state::withdraw(const answer_sink& from, std::uint64_t id, replies& out) {
  time_out(line_, from, id, out);
}

void semaphore_state::gone(const party& whom, replies& out) {
  forget(line_, whom);
  free_ += std::erase_if(holders_, [&](const party& p) { return whom.covers(p); });
  give_out(out);
}

void semaphore_state::end(replies& out) {
  ended_ = true;
  answer_all(line_, outcome::closed, out);
}

}  // namespace troupe::detail
