#include "runtime/call_link.hpp"

#include <algorithm>

namespace troupe::detail {

namespace {

constexpr int frames_at_once = 64;
constexpr std::uint64_t reserved_at_most = std::uint64_t{256} << 20;
constexpr std::size_t heads = sizeof(frame_header) + sizeof(call_head);
constexpr std::size_t reply_heads = sizeof(frame_header) + sizeof(reply_head);

std::uint64_t next_link() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

call_link::call_link(shared_region& region, lender lends, attacher attach)
    : page_(*region.page()), link_(next_link()), lends_(std::move(lends)),
      attach_(std::move(attach)), in_(page_.calls_to_host, region.calls_to_host()),
      out_(page_.calls_to_worker, region.calls_to_worker()) {}

// --- incoming --------------------------------------------------------------------------------

bool call_link::quiet() const noexcept {
  const auto n = in_.available();
  return n && *n == 0;
}

bool call_link::drain() {
  bool any = false;
  for (int i = 0; i < frames_at_once && (large_ ? take_piece() : take_frame()); ++i) any = true;
  if (!any) return false;
  // Between "there is room" and the look at who wants it, as there is on the other side.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (page_.caller_wants_room.load(std::memory_order_relaxed) != 0) page_.call_room_bell.ring();
  return true;
}

bool call_link::take_frame() {
  const auto n = in_.available();
  if (!n) throw protocol_error{"it forged a position in its calls"};
  if (*n == 0) return false;
  if (*n < heads) throw protocol_error{"a call is cut short"};
  frame_header h;  // copies: what is judged must not change any more
  call_head c;
  std::memcpy(&h, in_.at(), sizeof h);
  std::memcpy(&c, in_.at(sizeof h), sizeof c);
  if (auto error = check(h, default_max_frame)) throw protocol_error{*error};
  if (h.kind != frame_kind::handle || h.length < sizeof c ||
      c.keeps > (h.length - sizeof c) / sizeof(std::uint64_t))
    throw protocol_error{std::string{"unexpected call: "} + to_string(h.kind)};
  const auto total = padded(sizeof h + h.length);
  if (total > whole_at_most) {
    in_.consume(heads);
    large_.emplace(large{h, c, {}});
    // Memory is touched only as bytes come: what is announced costs addresses.
    large_->rest.reserve(std::min<std::uint64_t>(h.length - sizeof c, reserved_at_most));
    return true;
  }
  if (*n < total) throw protocol_error{"a call was published before it was whole"};
  obey(h, c, {in_.at(heads), static_cast<std::size_t>(h.length - sizeof c)});
  in_.consume(total);
  return true;
}

bool call_link::take_piece() {
  const auto n = in_.available();
  if (!n) throw protocol_error{"it forged a position in its calls"};
  if (*n == 0) return false;
  auto& rest = large_->rest;
  const auto left = large_->header.length - sizeof(call_head) - rest.size();
  const auto now = std::min<std::size_t>(*n, padded(left));
  rest.append({in_.at(), std::min<std::size_t>(now, left)});
  in_.consume(now);
  if (rest.size() + sizeof(call_head) < large_->header.length) return true;
  const auto whole = std::move(*large_);
  large_.reset();
  obey(whole.header, whole.head, whole.rest.view());
  return true;
}

std::shared_ptr<object> call_link::held_object(std::uint64_t number) const {
  const auto at = held_.find(number);
  return at == held_.end() ? nullptr : at->second.what;
}

void call_link::obey(const frame_header& h, const call_head& c, std::span<const std::byte> rest) {
  switch (static_cast<link_verb>(c.what)) {
    case link_verb::retain: return retain(h.target);
    case link_verb::withdraw:
      if (const auto o = held_object(h.target)) o->withdraw(*this, h.id);
      return;
    case link_verb::release: {
      const auto at = held_.find(h.target);
      if (at == held_.end() || --at->second.times != 0) return;
      const auto last = std::move(at->second.what);  // destroyed when the map is in order again
      held_.erase(at);
      return;
    }
    case link_verb::attach:
      if (auto o = held_object(h.target)) attach_(c.number, std::move(o));
      return;
    case link_verb::thread_ended:
      if (c.number != 0) object::gone({link_, c.number});
      return;
    default: return ask(h, c, rest);
  }
}

void call_link::retain(std::uint64_t number) {
  auto& h = held_[number];
  ++h.times;
  if (h.what) return;
  {
    const std::lock_guard hold{out_mutex_};
    for (const auto& [thread, list] : lent_)
      for (const auto& k : list)
        if (k->name() == object_name{owner_id(), number}) h.what = object::find(number);
  }
  if (!h.what) h.what = lends_(number);
}

void call_link::ask(const frame_header& h, const call_head& c, std::span<const std::byte> rest) {
  const auto o = held_object(h.target);
  request r;
  r.from = shared_from_this();
  r.id = h.id;
  r.who = {link_, c.thread};
  r.what = static_cast<verb>(c.what);
  r.at_once = c.at_once != 0;
  r.number = c.number;
  for (std::uint32_t i = 0; i < c.keeps; ++i) {
    std::uint64_t number;
    std::memcpy(&number, rest.data() + i * sizeof number, sizeof number);
    if (auto kept = held_object(number)) r.keep.push_back(std::move(kept));
  }
  r.payload.append(rest.subspan(c.keeps * sizeof(std::uint64_t)));
  {
    const std::lock_guard hold{out_mutex_};
    lent_.erase(c.thread);
    if (c.thread == 0 || !asked_.emplace(h.id, c.thread).second)
      throw protocol_error{"a call without a number of its own"};
  }
  if (!o) return answered(answer_to(r, outcome::closed));
  o->ask(std::move(r));
}

// --- outgoing --------------------------------------------------------------------------------

void call_link::answered(reply&& r) noexcept {
  bool wake = false;
  {
    const std::lock_guard hold{out_mutex_};
    const auto whose = asked_.find(r.id);
    if (over_ || whose == asked_.end()) return;
    if (!r.keep.empty()) lent_[whose->second] = std::move(r.keep);
    asked_.erase(whose);
    r.to.reset();
    if (!outbox_.empty() || !write(r)) {
      outbox_.push_back(std::move(r));
      write_some();
      if (!outbox_.empty()) page_.host_wants_call_room.store(1, std::memory_order_seq_cst);
    }
    wake = page_.reply_bell.sleeper();
    if (wake) page_.reply_bell.ring();
  }
}

// A whole answer; false if there is no room, or it is too large to lie there whole.
bool call_link::write(const reply& r) {
  const auto total = padded(reply_heads + r.payload.size());
  if (total > whole_at_most || out_.room() < total) return false;
  const frame_header h{.kind = frame_kind::reply,
                       .length = sizeof(reply_head) + r.payload.size(),
                       .id = r.id};
  const reply_head head{.number = r.number, .how = static_cast<std::uint8_t>(r.how)};
  std::memcpy(out_.at(), &h, sizeof h);
  std::memcpy(out_.at(sizeof h), &head, sizeof head);
  if (!r.payload.empty()) std::memcpy(out_.at(reply_heads), r.payload.data(), r.payload.size());
  out_.publish(total);
  return true;
}

// One answer or one piece of one; false if there is no room for it.
bool call_link::write_some() {
  const auto& r = outbox_.front();
  const auto size = r.payload.size();
  if (!streaming_) {
    if (padded(reply_heads + size) <= whole_at_most) {
      if (!write(r)) return false;
      outbox_.pop_front();
      return true;
    }
    if (out_.room() < reply_heads) return false;
    const frame_header h{.kind = frame_kind::reply, .length = sizeof(reply_head) + size, .id = r.id};
    const reply_head head{.number = r.number, .how = static_cast<std::uint8_t>(r.how)};
    std::memcpy(out_.at(), &h, sizeof h);
    std::memcpy(out_.at(sizeof h), &head, sizeof head);
    out_.publish(reply_heads);
    streaming_ = true;
    streamed_ = 0;
  }
  const auto left = size - streamed_;
  const auto n = std::min({left, whole_at_most, out_.room() / frame_alignment * frame_alignment});
  if (n == 0) return false;
  std::memcpy(out_.at(), r.payload.data() + streamed_, n);
  out_.publish(padded(n));
  streamed_ += n;
  if (streamed_ == size) {
    streaming_ = false;
    outbox_.pop_front();
  }
  return true;
}

void call_link::pump() {
  const std::lock_guard hold{out_mutex_};
  if (over_ || outbox_.empty()) return;
  for (;;) {
    bool any = false;
    while (!outbox_.empty() && write_some()) any = true;
    if (any && page_.reply_bell.sleeper()) page_.reply_bell.ring();
    if (outbox_.empty()) return page_.host_wants_call_room.store(0, std::memory_order_relaxed);
    page_.host_wants_call_room.store(1, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (out_.room() < whole_at_most) return;  // it has more to read, and will ring after that
  }
}

void call_link::over() noexcept {
  std::deque<reply> unread;
  {
    const std::lock_guard hold{out_mutex_};
    if (std::exchange(over_, true)) return;
    unread.swap(outbox_);
    asked_.clear();
  }
  object::gone({link_, 0});
  held_.clear();
  lent_.clear();
}

}  // namespace troupe::detail
