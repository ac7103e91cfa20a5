#include "actors/barrier_state.hpp"

#include "actors/waiting_line.hpp"

namespace troupe::detail {

void barrier_state::ask(request&& r, replies& out) {
  if (ended_) return out.push_back(answer_to(r, outcome::closed));
  switch (r.what) {
    case verb::arrive: return arrive(std::move(r), out);
    case verb::abort:
      out.push_back(answer_to(r, outcome::done));
      return break_up(out);
    case verb::reset:
      out.push_back(answer_to(r, outcome::done));
      break_up(out);
      broken_ = false;
      return;
    case verb::size: return out.push_back(answer_to(r, outcome::done, line_.size()));
    default: return out.push_back(answer_to(r, outcome::not_known));
  }
}

void barrier_state::arrive(request&& r, replies& out) {
  if (broken_) return out.push_back(answer_to(r, outcome::broken));
  const bool last = line_.size() + 1 >= parties_;
  if (!last && r.at_once) return out.push_back(answer_to(r, outcome::would_block));
  line_.push_back(std::move(r));
  if (!last) return;
  std::uint64_t index = 0;
  for (const auto& one : std::exchange(line_, {}))
    out.push_back(answer_to(one, outcome::done, index++));
}

void barrier_state::break_up(replies& out) {
  broken_ = true;
  answer_all(line_, outcome::broken, out);
}

void barrier_state::withdraw(const answer_sink& from, std::uint64_t id, replies& out) {
  if (time_out(line_, from, id, out)) break_up(out);
}

void barrier_state::gone(const party& whom, replies& out) {
  if (forget(line_, whom) != 0) break_up(out);
}

void barrier_state::end(replies& out) {
  ended_ = true;
  answer_all(line_, outcome::closed, out);
}

}  // namespace troupe::detail
