#include "actors/event_state.hpp"

#include "actors/waiting_line.hpp"

namespace troupe::detail {

void event_state::ask(request&& r, replies& out) {
  if (ended_) return out.push_back(answer_to(r, outcome::closed));
  switch (r.what) {
    case verb::set:
      set_ = true;
      out.push_back(answer_to(r, outcome::done));
      return answer_all(line_, outcome::done, out);
    case verb::clear:
      set_ = false;
      return out.push_back(answer_to(r, outcome::done));
    case verb::is_set: return out.push_back(answer_to(r, outcome::done, set_));
    case verb::await: return await(std::move(r), out);
    default: return out.push_back(answer_to(r, outcome::not_known));
  }
}

void event_state::await(request&& r, replies& out) {
  if (set_) return out.push_back(answer_to(r, outcome::done));
  if (r.at_once) return out.push_back(answer_to(r, outcome::would_block));
  line_.push_back(std::move(r));
}

void event_state::withdraw(const answer_sink& from, std::uint64_t id, replies& out) {
  time_out(line_, from, id, out);
}

void event_state::gone(const party& whom, replies&) { forget(line_, whom); }

void event_state::end(replies& out) {
  ended_ = true;
  answer_all(line_, outcome::closed, out);
}

}  // namespace troupe::detail
