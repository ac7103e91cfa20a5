// How tasks end without a result: lost with their worker, cancelled, past their deadline, or with
// the pool.
#include "actors/pool_state.hpp"

#include <troupe/detail/throw_as.hpp>

#include <algorithm>
#include <new>

namespace troupe::detail {

namespace {

std::exception_ptr cancelled(const char* why) {
  return std::make_exception_ptr(cancelled_error{why});
}

// Out of memory under the worker's own limit: lost, and a bad_alloc to those who look for that.
std::exception_ptr lost(const end_of_worker& end, loss facts) {
  if (!end.out_of_memory) return std::make_exception_ptr(worker_lost{std::move(facts)});
  try {
    throw_as(std::bad_alloc{}, worker_lost{std::move(facts)});
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

// --- workers that end ------------------------------------------------------------------------------------

void pool_state::lose(slice& s, std::uint32_t item, const end_of_worker& end, phase how_far,
                      effects& fx) {
  auto& j = *s.what;
  auto known = std::find_if(j.losses.begin(), j.losses.end(),
                            [&](const auto& l) { return l.first == item; });
  if (known == j.losses.end()) known = j.losses.insert(known, {item, 0});
  const int attempt = ++known->second;
  ++j.receipt.attempts;
  const int allowed = j.retries >= 0 ? j.retries
                      : rules_.on_loss == loss_rule::retry_task ? rules_.max_retries
                                                                : 0;
  if (attempt <= allowed && !j.cancelled && !closed_for_good()) {
    put_back(slice{.what = s.what, .first = item, .count = 1});
    return;
  }
  loss facts = end.facts;
  facts.phase = how_far;
  facts.task = j.id + item;
  facts.attempt = attempt;
  j.receipt.worker = facts.worker;
  j.receipt.pid = facts.pid;
  ++counts_.lost;
  ++counts_.failed;
  settle_error(j, item, 1, lost(end, std::move(facts)), fx);
}

void pool_state::lose_front(seat& s, slice& front, end_of_worker& end, effects& fx) {
  if (end.recovered_items != 0) {
    const auto items = std::min(end.recovered_items, front.count - front.done);
    answer a{.id = front.id, .items = items, .last = false};
    auto& r = front.what->receipt;
    r.worker = end.facts.worker;
    r.pid = end.facts.pid;
    ++r.attempts;
    r.bytes_out += end.recovered.size();
    if (!front.doomed) settle_value(front, a, std::move(end.recovered), fx);
    front.done += items;
    returned(s, items);
    s.tasks += items;
  }
  const auto started = front.cursor != nullptr ? front.cursor->started() : 0;
  if (started <= front.done || front.done == front.count) return;
  const bool finished = (front.cursor->committed.load() >> 40) > front.done;
  const auto item = front.first + front.done;
  returned(s, 1);
  front.done += 1;
  if (front.doomed) return;
  lose(front, item, end, finished ? phase::result_unknown : phase::started, fx);
}

void pool_state::ended(std::size_t at, std::uint64_t worker, end_of_worker end, effects& fx) {
  auto& s = seats_[at];
  if (s.worker != worker || worker == 0) return;
  s.state = seat_state::empty;
  s.worker = 0;
  s.box.reset();
  not_idle(at);
  auto in_flight = std::exchange(s.in_flight, {});
  if (!in_flight.empty()) lose_front(s, in_flight.front(), end, fx);
  // The newest first, so that each finds its place at once.
  for (auto i = in_flight.rbegin(); i != in_flight.rend(); ++i) {
    forget_cursor(*i);
    const auto rest = i->count - i->done;
    returned(s, rest);
    if (rest == 0 || i->doomed) continue;
    put_back(slice{.what = i->what, .first = i->first + i->done, .count = rest});
  }
  if (!end.expected) {
    if (rules_.on_loss == loss_rule::break_pool && !closed_for_good()) fx.broken = true;
  }
  fill_idle(fx);
  if (closed_ && unfinished_ == 0) fx.drained = true;
}

bool pool_state::deadline(std::size_t at, std::uint64_t worker, std::uint64_t id, effects& fx) {
  auto& s = seats_[at];
  if (s.worker != worker || s.in_flight.empty()) return false;
  auto& front = s.in_flight.front();
  if (front.id != id || front.doomed || front.done == front.count) return false;
  front.doomed = true;
  s.kill_expected = true;
  ++counts_.failed;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(front.what->deadline);
  settle_error(*front.what, front.first + front.done, 1,
               std::make_exception_ptr(timeout_error{
                   "task " + std::to_string(front.what->id + front.first) +
                   " ran past its deadline of " + std::to_string(ms.count()) + " ms in worker " +
                   s.name + " (pid " + std::to_string(s.pid) + ")"}),
               fx);
  fx.kill.push(s.worker);
  return true;
}

bool pool_state::cancel(job& j, bool kill, effects& fx) {
  if (j.unsettled == 0) return false;
  const bool untouched = phase_of(j) == job_phase::pending;
  if (!untouched && !kill) return false;
  // All that has not been started, wherever it is; then, if it may cost a worker, the rest. (A
  // worker may begin it at this very moment: then it has won.)
  const auto before = std::exchange(j.was_cancelled, true);
  const auto unsettled = j.unsettled;
  cancel_after(j, ~0U, fx);
  if (j.unsettled == 0) return true;
  if (!kill) {
    if (j.unsettled == unsettled) j.was_cancelled = before;
    return j.unsettled != unsettled;
  }
  for (auto& s : seats_)
    for (auto& part : s.in_flight) {
      if (part.what.get() != &j || part.doomed || part.done == part.count) continue;
      part.doomed = true;
      s.kill_expected = true;
      ++counts_.cancelled;
      settle_error(j, part.first + part.done, part.count - part.done,
                   cancelled("the task was cancelled while it ran; its worker was killed"), fx);
      fx.kill.push(s.worker);
      if (j.unsettled == 0) return true;
    }
  return true;
}

// Cancels the items behind `index` that have not been started; ~0: all of them.
void pool_state::cancel_after(job& j, std::uint32_t index, effects& fx) {
  const auto why = cancelled(index == ~0U ? "the task was cancelled before it started"
                                          : "not started, since an earlier item failed");
  const auto from = index == ~0U ? 0 : index + 1;
  const auto keep = job_ptr::share(&j);
  const auto drop = [&](std::uint32_t first, std::uint32_t count) {
    counts_.cancelled += count;
    settle_error(j, first, count, why, fx);
  };
  const auto lowest = j.lowest_error;
  const auto cut = [&](std::deque<slice>& list) {
    for (auto& s : list) {
      if (s.what.get() != &j || s.count == 0 || s.first + s.count <= from) continue;
      const auto kept = s.first < from ? from - s.first : 0;
      const auto gone = s.count - kept;
      s.count = kept;
      waiting_items_ -= gone;
      drop(s.first + kept, gone);
    }
    std::erase_if(list, [](const slice& s) { return s.count == 0; });
  };
  if (j.items == 1 && j.cursor == nullptr) {
    // One of perhaps a million single tasks: left where it waits, and skipped when its turn comes.
    --waiting_items_;
    drop(0, 1);
  } else {
    if (j.key != 0) cut(seats_[j.key % target_].keyed);
    else if (j.items > 1) cut(waiting_);
    for (auto& s : seats_)
      for (auto& part : s.in_flight) {
        if (part.what.get() != &j || part.doomed || part.first < from) continue;
        const auto n = take_back(part, 0, s);
        if (n != 0) drop(part.first + part.count, n);
      }
  }
  if (index != ~0U) j.lowest_error = lowest;  // what was dropped has not failed
}

void pool_state::end_all(std::exception_ptr error, bool was_cancelled, effects& fx) {
  const auto end = [&](slice& s, std::uint32_t first, std::uint32_t count) {
    auto& j = *s.what;
    if (count == 0 || j.unsettled == 0) return;
    (was_cancelled ? counts_.cancelled : counts_.failed) += count;
    j.was_cancelled = j.was_cancelled || was_cancelled;
    settle_error(j, first, count, error, fx);
  };
  for (auto& s : seats_) {
    for (auto& part : s.in_flight) {
      if (!part.doomed) end(part, part.first + part.done, part.count - part.done);
      take_back(part, 0, s);  // what is told as cancelled must not be begun after that
      part.doomed = true;
    }
    for (auto& part : s.keyed)
      if (!part.what->cancelled) end(part, part.first, part.count);
    s.keyed.clear();
  }
  for (auto& part : waiting_)
    if (!part.what->cancelled) end(part, part.first, part.count);
  waiting_.clear();
  waiting_items_ = 0;
}

void pool_state::close(effects& fx) {
  closed_ = true;
  fx.space = true;
  if (unfinished_ == 0) fx.drained = true;
}

void pool_state::terminate(effects& fx) {
  close(fx);
  terminated_ = true;
  end_all(cancelled("the pool was terminated"), true, fx);
  fx.drained = true;
}

void pool_state::break_pool(std::exception_ptr why, effects& fx) {
  if (broken_) return;
  broken_ = why;
  fx.space = true;
  end_all(why, false, fx);
}

void pool_state::resize(std::size_t n, effects& fx) {
  const auto old = std::exchange(target_, n);
  if (n > seats_.size()) seats_.resize(n);
  for (std::size_t at = 0; at < seats_.size(); ++at) {
    auto& s = seats_[at];
    if (at < n && s.state == seat_state::closing) s.state = seat_state::ready;
    if (at >= n && s.state == seat_state::ready) {
      s.state = seat_state::closing;
      take_back_all(s, 0);
      not_idle(at);
    }
  }
  if (n != old) {  // keys go by the number of seats
    std::deque<slice> moved;
    for (auto& s : seats_)
      for (auto& k : std::exchange(s.keyed, {})) moved.push_back(std::move(k));
    for (auto& k : moved) {
      waiting_items_ -= k.what->cancelled ? 0 : k.count;
      put_back(std::move(k));
    }
  }
  for (std::size_t at = 0; at < seats_.size(); ++at) after_slice(at, fx);
  fill_idle(fx);
}

}  // namespace troupe::detail
