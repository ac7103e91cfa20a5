// What every object does with the requests that wait for something: a line of them, oldest first.
// R is a request, or a request and what its object notes about it.
#pragma once

#include "actors/object_state.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace troupe::detail {

template <class R>
R take_first(std::deque<R>& line) {
  auto r = std::move(line.front());
  line.pop_front();
  return r;
}

/// The request with that number, if it waits in this line.
template <class R>
std::optional<R> take_out(std::deque<R>& line, const answer_sink& from, std::uint64_t id) {
  const auto at = std::find_if(line.begin(), line.end(), [&](const request& r) {
    return r.from.get() == &from && r.id == id;
  });
  if (at == line.end()) return std::nullopt;
  std::optional<R> r(std::move(*at));
  line.erase(at);
  return r;
}

/// Whether it waited in this line.
template <class R>
bool time_out(std::deque<R>& line, const answer_sink& from, std::uint64_t id, replies& out) {
  const auto r = take_out(line, from, id);
  if (r) out.push_back(answer_to(*r, outcome::timed_out));
  return r.has_value();
}

/// How many there were.
template <class R>
std::size_t forget(std::deque<R>& line, const party& whom) {
  return std::erase_if(line, [&](const request& r) { return whom.covers(r.who); });
}

template <class R>
void answer_all(std::deque<R>& line, outcome how, replies& out) {
  for (const auto& r : std::exchange(line, {})) out.push_back(answer_to(r, how));
}

}  // namespace troupe::detail
