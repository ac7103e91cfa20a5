#include "actors/pool_state.hpp"

#include <troupe/error.hpp>

#include <algorithm>

namespace troupe::detail {

namespace {

std::exception_ptr too_late() {
  return std::make_exception_ptr(closed_error{"the pool was closed while this was submitted"});
}

}  // namespace

pool_state::pool_state(pool_rules rules) : rules_(rules), target_(rules.seats), seats_(rules.seats) {}

bool pool_state::full() const noexcept {
  return rules_.max_pending != 0 && unfinished_ >= rules_.max_pending;
}

// --- tasks in --------------------------------------------------------------------------------

void pool_state::submit(const job_ptr& j, effects& fx) {
  j->id = next_job_;
  next_job_ += j->items;
  j->unsettled = j->items;
  ++unfinished_;
  unsettled_items_ += j->items;
  waiting_items_ += j->items;
  counts_.bytes_in += j->args.size();
  if (!open()) {
    counts_.failed += j->items;
    waiting_items_ -= j->items;
    return settle_error(*j, 0, j->items, broken_ ? broken_ : too_late(), fx);
  }
  slice s{.what = j, .count = j->items};
  if (j->key != 0) {
    const auto at = j->key % target_;
    seats_[at].keyed.push_back(std::move(s));
    refill(at, fx);
    return;
  }
  waiting_.push_back(std::move(s));
  fill_idle(fx);
}

// One slice to each that is idle before any of them is given something ahead.
void pool_state::fill_idle(effects& fx) {
  served_.clear();
  while (!waiting_.empty() && !idle_.empty()) {
    const auto at = idle_.back();
    idle_.pop_back();
    seats_[at].idle = false;
    refill(at, fx);
    if (seats_[at].idle) break;  // nothing for it: what waits is cancelled
    served_.push_back(at);
  }
  for (const auto at : served_) {
    if (waiting_.empty()) break;
    refill(at, fx);
  }
}

std::size_t pool_state::window(const seat& s) const noexcept {
  if (!rules_.prefetch) return 1;
  if (s.item_ns == 0) return 2;
  if (!s.in_flight.empty() && s.in_flight.back().count > 1) return 2;
  return std::clamp<std::size_t>(static_cast<std::size_t>(ahead_ns / s.item_ns), 2, most_ahead);
}

// Few calls at first, then as many as take about chunk_ns, but never so many that other workers
// would go without.
std::uint32_t pool_state::chunk(const job& j, std::uint32_t available, const seat& s) const noexcept {
  std::uint64_t n = 1;
  if (available > 1 && j.deadline.count() == 0 && j.item_ns != 0) {
    n = static_cast<std::uint64_t>(std::max<std::int64_t>(1, chunk_ns / j.item_ns));
    n = std::min<std::uint64_t>(n, available / (2 * target_) + 1);
    n = std::min<std::uint64_t>(n, chunk_bytes / (j.args.size() / j.items + 1) + 1);
    n = std::min<std::uint64_t>(n, j.max_chunk);
  }
  if (rules_.max_tasks_per_worker != 0)
    n = std::min<std::uint64_t>(n, rules_.max_tasks_per_worker - s.assigned);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(n, available));
}

bool pool_state::next_waiting(std::size_t at, slice& out) {
  auto& s = seats_[at];
  // Nothing is given ahead while somebody is idle: it would wait for a task that may be long, or
  // that even waits for it.
  const bool only_keyed = !s.in_flight.empty() && !idle_.empty();
  for (;;) {
    auto* from = &waiting_;
    if (!s.keyed.empty() && (only_keyed || waiting_.empty() ||
                             s.keyed.front().what->id < waiting_.front().what->id))
      from = &s.keyed;
    if (from->empty() || (only_keyed && from == &waiting_)) return false;
    auto& front = from->front();
    if (front.what->cancelled) {  // already counted off
      from->pop_front();
      continue;
    }
    const auto n = chunk(*front.what, front.count, s);
    out = slice{.what = front.what, .first = front.first, .count = n};
    front.first += n;
    front.count -= n;
    waiting_items_ -= n;
    if (front.count == 0) from->pop_front();
    return true;
  }
}

void pool_state::give(std::size_t at, slice s, effects& fx) {
  auto& seat = seats_[at];
  not_idle(at);
  s.id = seat.next_id++;
  seat.assigned += s.count;
  given_items_ += s.count;
  if (seat.open == 0) ++busy_;
  seat.open += s.count;
  seat.in_flight.push_back(std::move(s));
  auto& placed = seat.in_flight.back();
  if (seat.box->push(placed)) fx.wake_once(seat.box);
  placed.what->seat = at;
  placed.what->cursor = placed.cursor;
}

void pool_state::refill(std::size_t at, effects& fx) {
  auto& s = seats_[at];
  if (s.state != seat_state::ready) return;
  const auto max = rules_.max_tasks_per_worker;
  slice next;
  while ((max == 0 || s.assigned < max) && s.in_flight.size() < window(s) &&
         next_waiting(at, next))
    give(at, std::move(next), fx);
  if (s.in_flight.empty() && !s.idle && (max == 0 || s.assigned < max)) {
    s.idle = true;
    idle_.push_back(static_cast<std::uint32_t>(at));
  }
}

void pool_state::not_idle(std::size_t at) {
  if (!seats_[at].idle) return;
  seats_[at].idle = false;
  std::erase(idle_, static_cast<std::uint32_t>(at));
}

void pool_state::ready(std::size_t at, std::uint64_t worker, std::string name, int pid,
                       std::shared_ptr<mailbox> box, effects& fx) {
  auto& s = seats_[at];
  s.state = at < target_ ? seat_state::ready : seat_state::closing;
  s.worker = worker;
  s.name = std::move(name);
  s.pid = pid;
  s.box = std::move(box);
  s.next_id = 1;
  s.tasks = s.assigned = 0;
  s.seen_front = 0;
  s.kill_expected = false;
  after_slice(at, fx);
}

// --- results ---------------------------------------------------------------------------------

bool pool_state::result(std::size_t at, const answer& a, std::span<const std::byte> bytes,
                        effects& fx) {
  buffer copy;
  copy.append(bytes);
  return result(at, a, std::move(copy), fx);
}

bool pool_state::expects(std::size_t at, const answer& a) const noexcept {
  const auto& s = seats_[at];
  if (s.in_flight.empty() || a.id != s.in_flight.front().id) return false;
  const auto rest = s.in_flight.front().count - s.in_flight.front().done;
  return a.last ? a.items == rest : a.items != 0 && a.items <= rest;
}

bool pool_state::result(std::size_t at, const answer& a, buffer&& bytes, effects& fx) {
  if (!expects(at, a)) return false;
  auto& s = seats_[at];
  auto& front = s.in_flight.front();
  s.tasks += a.items;
  counts_.bytes_out += bytes.size();
  if (a.last && a.items != 0) {
    const auto each = std::max<std::int64_t>(1, a.ran / (front.done + a.items));
    s.item_ns = s.item_ns == 0 ? each : (s.item_ns + each) / 2;
    auto& j = *front.what;
    j.item_ns = j.item_ns == 0 ? each : (j.item_ns + each) / 2;
  }
  if (a.items != 0) {
    auto& r = front.what->receipt;
    if (a.last) {
      r.worker = s.name;
      r.pid = s.pid;
      ++r.attempts;
      r.ran += a.ran;
      r.cpu += a.cpu;
      if (r.queued == 0) r.queued = std::max<std::int64_t>(0, a.now - a.ran - r.accepted);
    }
    r.bytes_out += bytes.size();
    if (!front.doomed) settle_value(front, a, std::move(bytes), fx);
    front.done += a.items;
    returned(s, a.items);
  }
  if (!a.last) return true;
  forget_cursor(front);
  s.in_flight.pop_front();
  after_slice(at, fx);
  if (a.now != 0) take_back_stale(a.now, fx);
  return true;
}

// The cursor lies in the worker's mailbox, which the rest of the job may outlive.
void pool_state::forget_cursor(const slice& s) noexcept {
  if (s.what->cursor == s.cursor) s.what->cursor = nullptr;
}

// A seat has one slice less. True if it is done for.
bool pool_state::after_slice(std::size_t at, effects& fx) {
  auto& s = seats_[at];
  if (s.state == seat_state::ready) {
    refill(at, fx);
    if (s.idle && steal()) fill_idle(fx);
  }
  const auto max = rules_.max_tasks_per_worker;
  const bool spent = s.state == seat_state::ready && max != 0 && s.assigned >= max;
  if (!s.in_flight.empty() || (s.state != seat_state::closing && !spent)) return false;
  s.state = seat_state::retiring;
  fx.retire.push(s.worker);
  return true;
}

void pool_state::settle_value(slice& s, const answer& a, buffer&& bytes, effects& fx) {
  auto& j = *s.what;
  // The last answer tells the errors of all the slice; its parts were counted as done.
  const auto errors = std::min<std::uint64_t>(a.errors, s.done + a.items);
  counts_.done += a.items;
  counts_.done -= errors;
  counts_.failed += errors;
  if (j.items == 1) {
    j.result = std::move(bytes);
  } else {
    j.segments.push_back({s.first + s.done, a.items, std::move(bytes), nullptr});
  }
  if (a.errors != 0 && a.first_error < s.done + a.items)
    j.lowest_error = std::min(j.lowest_error, s.first + a.first_error);
  settled(j, a.items, fx);
  if (a.errors != 0 && j.stop_at_error && j.unsettled != 0) cancel_after(j, j.lowest_error, fx);
}

void pool_state::settle_error(job& j, std::uint32_t first, std::uint32_t count,
                              std::exception_ptr error, effects& fx) {
  if (j.items == 1) j.error = std::move(error);
  else j.segments.push_back({first, count, buffer{}, std::move(error)});
  j.lowest_error = std::min(j.lowest_error, first);
  settled(j, count, fx);
}

void pool_state::settled(job& j, std::uint32_t count, effects& fx) {
  j.unsettled -= count;
  unsettled_items_ -= count;
  if (j.unsettled != 0) return;
  j.cursor = nullptr;
  j.cancelled = true;  // whatever of it still waits is to be skipped
  --unfinished_;
  std::sort(j.segments.begin(), j.segments.end(),
            [](const segment& a, const segment& b) { return a.first < b.first; });
  fx.completed.push(job_ptr::share(&j));
  fx.space = rules_.max_pending != 0;
  if (closed_ && unfinished_ == 0) fx.drained = true;
}

// --- taking back -----------------------------------------------------------------------------

std::uint32_t pool_state::take_back(slice& s, std::uint32_t keep, seat& from) {
  if (s.cursor == nullptr || s.count == s.done) return 0;
  // The cursor may lie in memory that the worker can write to: believe only what can be.
  const auto taken = std::min(s.cursor->take_back(keep), s.count - s.done);
  s.count -= taken;
  returned(from, taken);
  from.assigned -= std::min<std::uint64_t>(taken, from.assigned);
  return taken;
}

void pool_state::put_back(slice s) {
  if (s.count == 0 || s.what->cancelled) return;
  s.id = 0;
  s.done = 0;
  s.cursor = nullptr;
  s.what->cursor = nullptr;
  waiting_items_ += s.count;
  auto& to = s.what->key != 0 ? seats_[s.what->key % target_].keyed : waiting_;
  // In the order of acceptance, as far as the first few show; what comes back is the oldest.
  auto at = to.begin();
  while (at != to.end() && (at->what->id < s.what->id ||
                            (at->what.get() == s.what.get() && at->first < s.first)))
    ++at;
  to.insert(at, std::move(s));
}

// Takes back what a worker has not begun, beyond its first `keep` slices.
void pool_state::take_back_all(seat& from, std::size_t keep) {
  for (std::size_t i = from.in_flight.size(); i-- > keep;) {
    auto& s = from.in_flight[i];
    if (s.what->key != 0 || s.doomed) continue;
    const auto n = take_back(s, 0, from);
    if (n != 0) put_back(slice{.what = s.what, .first = s.first + s.count, .count = n});
  }
}

void pool_state::returned(seat& s, std::uint64_t items) noexcept {
  given_items_ -= items;
  s.open -= items;
  if (items != 0 && s.open == 0) --busy_;
}

// Items of this slice that have not been started, as far as the worker's memory is to be believed.
std::uint32_t pool_state::not_begun(const slice& s) noexcept {
  if (s.what->key != 0 || s.doomed || s.cursor == nullptr) return 0;
  return s.count - std::min(s.count, std::max(s.done, s.cursor->started()));
}

// What a worker has not begun, beyond the one that it has in hand.
std::uint64_t pool_state::spare(const seat& s) noexcept {
  if (s.open < 2) return 0;
  std::uint64_t n = 0;
  bool in_hand = false;
  for (const auto& part : s.in_flight) {
    if (part.count == part.done) continue;
    const auto open = not_begun(part);
    n += open - (!in_hand && open == part.count - part.done ? 1 : 0);
    in_hand = true;
  }
  return n;
}

// Whole slices from the end, or, if there is but one, part of that.
void pool_state::take_half(seat& from) {
  auto wanted = (spare(from) + 1) / 2;
  for (auto i = from.in_flight.size(); i-- > 0 && wanted != 0;) {
    auto& s = from.in_flight[i];
    const auto open = not_begun(s);
    const auto some = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, open));
    const auto n = some == 0 ? 0 : take_back(s, open - some, from);
    if (n != 0) put_back(slice{.what = s.what, .first = s.first + s.count, .count = n});
    wanted -= std::min<std::uint64_t>(wanted, n);
  }
}

// A worker without work takes half of what the one with the most has not begun; if that begins it
// at this very moment, of what any other has not. True: now something waits.
bool pool_state::steal() {
  if (given_items_ == busy_) return false;  // every busy worker has just the one it runs
  seat* richest = nullptr;
  std::uint64_t most = 0;
  for (auto& s : seats_)
    if (const auto n = spare(s); n > most) {
      richest = &s;
      most = n;
    }
  if (richest == nullptr) return false;
  take_half(*richest);
  for (std::size_t at = 0; waiting_.empty() && at < seats_.size(); ++at)
    take_half(seats_[at]);
  return !waiting_.empty();
}

// While all others are busy nobody steals; what was given ahead to a worker whose task turns out
// to be long must not wait for it. One worker is looked at with each result.
void pool_state::take_back_stale(std::int64_t now, effects& fx) {
  if (++next_look_ >= seats_.size()) next_look_ = 0;
  auto& s = seats_[next_look_];
  if (s.in_flight.size() < 2) return;
  const auto front = s.in_flight.front().id;
  if (s.seen_front != front) {
    s.seen_front = front;
    s.seen_at = now;
  } else if (now - s.seen_at > stale_ns) {
    s.item_ns = std::max(s.item_ns, now - s.seen_at);
    take_back_all(s, 1);
    fill_idle(fx);
  }
}

bool pool_state::look_after(std::int64_t now, effects& fx) {
  for (auto& s : seats_) {
    if (s.in_flight.empty()) continue;
    const auto& front = s.in_flight.front();
    if (s.seen_front != front.id) {
      s.seen_front = front.id;
      s.seen_at = now;
    } else if (now - s.seen_at >= overdue_ns && front.cursor->started() == 0) {
      take_back_all(s, 0);  // it gets nothing more before it has answered
    }
  }
  fill_idle(fx);
  return unfinished_ != 0;
}

// --- for workers that wait --------------------------------------------------------------------

// The first slice of this job that waits, for a worker that would otherwise wait for it.
bool pool_state::claim(job& j, slice& out) {
  if (j.cursor != nullptr && j.items == 1) return false;
  auto& list = j.key != 0 ? seats_[j.key % target_].keyed : waiting_;
  if (j.key != 0) return false;  // its turn is part of what a key promises
  for (auto at = list.begin(); at != list.end(); ++at) {
    if (at->what.get() != &j || j.cancelled) continue;
    const auto n = std::min<std::uint32_t>(at->count, j.items > 1 && j.item_ns == 0 ? 1 : 1024);
    out = slice{.what = at->what, .first = at->first, .count = n};
    at->first += n;
    at->count -= n;
    waiting_items_ -= n;
    if (at->count == 0) list.erase(at);
    return true;
  }
  return false;
}

void pool_state::ran_elsewhere(slice& s, const answer& a, buffer&& bytes,
                               const std::string& worker, int pid, effects& fx) {
  auto& r = s.what->receipt;
  r.worker = worker;
  r.pid = pid;
  ++r.attempts;
  r.ran += a.ran;
  r.cpu += a.cpu;
  r.bytes_out += bytes.size();
  counts_.bytes_out += bytes.size();
  if (s.what->unsettled != 0) settle_value(s, a, std::move(bytes), fx);
}

void pool_state::ran_elsewhere_failed(slice& s, std::exception_ptr error, effects& fx) {
  if (s.what->unsettled != 0) settle_error(*s.what, s.first, s.count, std::move(error), fx);
}

// --- questions -------------------------------------------------------------------------------

job_phase pool_state::phase_of(const job& j) const {
  if (j.unsettled == 0) return job_phase::over;
  if (j.items == 1)
    return j.cursor != nullptr && j.cursor->started() != 0 ? job_phase::running
                                                           : job_phase::pending;
  if (j.unsettled != j.items) return job_phase::running;
  for (const auto& s : seats_)
    for (const auto& part : s.in_flight)
      if (part.what.get() == &j && part.cursor->started() != 0) return job_phase::running;
  return job_phase::pending;
}

pool_counts pool_state::counts() const {
  auto c = counts_;
  for (const auto& s : seats_)
    if (!s.in_flight.empty()) {
      const auto& front = s.in_flight.front();
      if (!front.doomed && front.cursor != nullptr && front.cursor->started() > front.done &&
          front.done < front.count)
        ++c.running;
    }
  c.pending = unsettled_items_ - std::min(unsettled_items_, c.running);
  return c;
}

}  // namespace troupe::detail
