// A worker process's mailbox: slices go out, results come in, through two rings that it could write
// anything into.
#include "runtime/process_worker.hpp"

#include "runtime/run_slice.hpp"

#include <algorithm>
#include <array>

namespace troupe::detail {

namespace {

constexpr std::size_t task_heads = sizeof(frame_header) + sizeof(task_head);
constexpr std::size_t answer_heads = sizeof(frame_header) + sizeof(result_head);
constexpr std::size_t piece = ring_size / 2;
constexpr int frames_at_once = 64;
constexpr int rounds_at_once = 64;
constexpr std::uint64_t reserved_at_most = std::uint64_t{256} << 20;

std::size_t payload_size(const slice& s) {
  return sizeof(task_head) + s.what->prefix + s.what->item_args(s.first, s.count).size();
}

struct heads {
  frame_header frame;
  task_head task;
};
static_assert(sizeof(heads) == task_heads);

heads heads_of(const slice& s) {
  heads h;
  h.frame.kind = frame_kind::task;
  h.frame.flags = s.what->deadline.count() != 0 ? flag_tell_start : 0;
  h.frame.length = payload_size(s);
  h.frame.id = s.id;
  h.frame.target = s.what->call->key;
  h.task.items = s.count;
  h.task.slot = static_cast<std::uint32_t>(s.id % cursor_count);
  return h;
}

answer answer_of(const frame_header& h, const result_head& r) {
  const auto ns = [](std::uint64_t n) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(n, std::uint64_t{1} << 62));
  };
  return {.id = h.id,
          .items = r.items,
          .last = h.kind == frame_kind::result,
          .first_error = r.first_error,
          .errors = r.errors,
          .ran = ns(r.ran),
          .cpu = ns(r.cpu),
          .now = steady_ns()};
}

}  // namespace

// --- outgoing --------------------------------------------------------------------------------

bool process_worker::send_now(const slice& s) {
  const auto h = heads_of(s);
  const auto total = padded(sizeof h.frame + h.frame.length);
  if (total > out_->room()) return false;
  auto* to = out_->at();
  const auto object = s.what->object_args(), items = s.what->item_args(s.first, s.count);
  std::memcpy(to, &h, sizeof h);
  if (!object.empty()) std::memcpy(to + sizeof h, object.data(), object.size());
  if (!items.empty()) std::memcpy(to + sizeof h + object.size(), items.data(), items.size());
  out_->publish(total);
  return true;
}

bool process_worker::push(slice& s) {
  auto& cursor = region_.page()->cursors[s.id % cursor_count];
  cursor.reset(s.count);
  s.cursor = &cursor;
  const std::lock_guard hold{out_mutex_};
  if (outbox_.empty() && task_heads + payload_size(s) <= piece && send_now(s))
    return region_.page()->worker_bell.sleeper();
  outbox_.push_back(s);
  return true;
}

void process_worker::wake() noexcept {
  bool to_pump;
  {
    const std::lock_guard hold{out_mutex_};
    to_pump = !outbox_.empty();
  }
  if (to_pump) pool_->system().io().post([self = shared_from_this()] { self->pump(); });
  auto& bell = region_.page()->worker_bell;
  if (bell.sleeper()) bell.ring();
}

// Puts what waits in the outbox into the ring, as far as there is room.
void process_worker::pump() {
  auto& page = *region_.page();
  for (int round = 0; round < rounds_at_once; ++round) {
    const std::lock_guard hold{out_mutex_};
    if (reaped_) return;
    if (!outbox_.empty() && pump_some()) continue;
    if (page.worker_bell.sleeper()) page.worker_bell.ring();
    if (outbox_.empty()) {
      page.host_wants_room.store(0, std::memory_order_relaxed);
      return;
    }
    page.host_wants_room.store(1, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (out_->room() < room_to_go_on()) return;  // it has more to read, and will ring after that
  }
  // A worker that reads as fast as we write must not keep the others waiting.
  pool_->system().io().post([self = shared_from_this()] { self->pump(); });
}

// With less room than this there is something left to read in the ring, and it is not worth while,
// or not possible, to write before that is read.
std::size_t process_worker::room_to_go_on() const {
  const auto whole = padded(sizeof(frame_header) + payload_size(outbox_.front()));
  return streaming_ || whole > ring_size ? piece : std::max<std::size_t>(piece, whole);
}

// One frame, or one piece of one; false if there is no room for it.
bool process_worker::pump_some() {
  const auto& s = outbox_.front();
  const auto h = heads_of(s);
  if (!streaming_ && sizeof h.frame + h.frame.length <= ring_size) {
    if (!send_now(s)) return false;
    outbox_.pop_front();
    return true;
  }
  if (!streaming_) {
    if (out_->room() < sizeof h.frame) return false;
    std::memcpy(out_->at(), &h.frame, sizeof h.frame);
    out_->publish(sizeof h.frame);
    streaming_ = true;
    streamed_ = 0;
  }
  // Three runs of bytes, one behind the other, make up the payload.
  const std::array<std::span<const std::byte>, 3> runs{
      std::as_bytes(std::span{&h.task, 1}), s.what->object_args(),
      s.what->item_args(s.first, s.count)};
  const auto left = h.frame.length - streamed_;
  const auto n = std::min<std::size_t>({left, piece, out_->room() / frame_alignment * frame_alignment});
  if (n == 0 || (n < left && n < frame_alignment)) return false;
  std::size_t skip = streamed_, filled = 0;
  for (const auto& run : runs) {
    if (skip >= run.size()) {
      skip -= run.size();
      continue;
    }
    const auto part = std::min(run.size() - skip, n - filled);
    std::memcpy(out_->at(filled), run.data() + skip, part);
    filled += part;
    skip = 0;
    if (filled == n) break;
  }
  out_->publish(padded(n));
  streamed_ += n;
  if (region_.page()->worker_bell.sleeper()) region_.page()->worker_bell.ring();
  if (streamed_ == h.frame.length) {
    streaming_ = false;
    outbox_.pop_front();
  }
  return true;
}

// --- incoming --------------------------------------------------------------------------------

void process_worker::drain() {
  auto& page = *region_.page();
  for (int round = 0; round < rounds_at_once; ++round) {
    if (reaped_ || broken_) return;
    if (drain_some()) continue;
    page.host_armed.store(1, std::memory_order_seq_cst);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const auto n = in_->available();
    if (n && *n == 0 && calls_->quiet()) return;
    page.host_armed.store(0, std::memory_order_relaxed);
  }
  // A flood from one worker must not keep the others waiting.
  pool_->system().io().post([self = shared_from_this()] { self->ready(bell_tag); });
}

// Some frames under one lock, or one piece of a large result without it. False: nothing there.
bool process_worker::drain_some() {
  auto& page = *region_.page();
  heard_ = in_->available().value_or(0);
  const bool called = drain_calls();
  bool any = take_piece();
  if (!any && !broken_) {
    std::vector<std::uint64_t> begun;
    pool_->with_state([&](pool_state& state, effects& fx) {
      for (int i = 0; i < frames_at_once && take_frame(state, fx, begun); ++i) any = true;
    });
    for (const auto id : begun) pool_->started(*this, id);
  }
  if (!any) return called;
  // Between "there is room" and the look at who wants it, as there is on the other side.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (page.worker_wants_room.load(std::memory_order_relaxed) != 0) page.worker_bell.ring();
  return true;
}

// What a task asked of objects is heard before its result: so whoever has the result finds what was
// done. As much as fits into the ring: a flood must not keep the others waiting.
bool process_worker::drain_calls() {
  if (broken_) return false;
  try {
    bool any = false;
    for (int round = 0; round < rounds_at_once && calls_->drain(); ++round) any = true;
    return any;
  } catch (const call_link::protocol_error& e) {
    broke_protocol(e.what());
    return false;
  }
}

// The header of the next frame, which is there whole: a copy, since what is judged must not change
// any more. Nothing if there is no frame.
std::optional<frame_header> process_worker::next_frame() noexcept {
  const auto n = in_->available();
  if (!n) broke_protocol("it forged a position in its mailbox");
  if (!n || *n == 0) return std::nullopt;
  frame_header h;
  std::memcpy(&h, in_->at(), sizeof h);
  auto error = *n < sizeof h ? "a frame is cut short" : check(h, ring_size - sizeof h);
  if (!error && *n < padded(sizeof h + h.length)) error = "a frame was published before it was whole";
  if (!error) return h;
  broke_protocol(*error);
  return std::nullopt;
}

bool process_worker::take_frame(pool_state& state, effects& fx, std::vector<std::uint64_t>& begun) {
  if (heard_ == 0) return false;
  const auto h = next_frame();
  if (!h || h->kind == frame_kind::piece) return false;
  if (h->kind == frame_kind::started && take_start(state, *h)) {
    begun.push_back(h->id);
  } else if ((h->kind != frame_kind::result && h->kind != frame_kind::part) ||
             !take_answer(state, fx, *h, {in_->at(sizeof *h), h->length})) {
    unexpected(*h);
    return false;
  }
  const auto size = padded(sizeof *h + h->length);
  heard_ -= std::min<std::size_t>(heard_, size);
  in_->consume(size);
  return true;
}

bool process_worker::take_piece() {
  const auto h = next_frame();
  if (!h || h->kind != frame_kind::piece) return false;
  if (!piece_fits(*h)) {
    unexpected(*h);
    return false;
  }
  const std::span bytes{in_->at(answer_heads), h->length - sizeof(result_head)};
  if (bytes.empty()) {
    pieces_ = {};  // what it was to be could not be encoded
  } else {
    // Memory is touched only as bytes come: what is announced costs addresses.
    const auto known = pieces_.size() + bytes.size();
    pieces_.reserve(std::max(known, std::min(known + h->target, reserved_at_most)));
    pieces_.append(bytes);
  }
  const auto size = padded(sizeof *h + h->length);
  heard_ -= std::min<std::size_t>(heard_, size);
  in_->consume(size);
  return true;
}

// Of an item that is not answered; not too large with those before it and what it announces.
bool process_worker::piece_fits(const frame_header& h) {
  result_head r;
  if (h.length < sizeof r) return false;
  std::memcpy(&r, in_->at(sizeof h), sizeof r);
  const auto known = pieces_.size() + (h.length - sizeof r);
  if (r.items != 0 || known == 0 || known > default_max_frame || h.target > default_max_frame - known)
    return false;
  bool expected = false;
  pool_->with_state([&](pool_state& state, effects&) {
    expected = state.expects(spec.seat, {.id = h.id, .items = 1, .last = false});
  });
  return expected;
}

bool process_worker::take_answer(pool_state& state, effects& fx, const frame_header& h,
                                 std::span<const std::byte> payload) {
  result_head r;
  if (payload.size() < sizeof r) return false;
  std::memcpy(&r, payload.data(), sizeof r);
  const auto a = answer_of(h, r);
  if (!a.last && r.errors != 0) return false;  // they are told with the last
  const auto bytes = payload.subspan(sizeof r);
  if (pieces_.empty()) {
    if (!state.result(spec.seat, a, bytes, fx)) return false;
  } else {
    pieces_.append(bytes);
    if (!state.result(spec.seat, a, std::exchange(pieces_, {}), fx)) return false;
  }
  if (a.last) {
    answered_ = h.id;
    part_items_ = 0;
  } else {
    part_items_ += r.items;
  }
  return true;
}

// Once for each slice, and only if it was asked for: each costs the supervisor a message.
bool process_worker::take_start(const pool_state& state, const frame_header& h) noexcept {
  const auto& open = state.seats()[spec.seat].in_flight;
  return h.length == 0 && h.id != begun_ && !open.empty() && open.front().id == h.id &&
         open.front().what->deadline.count() != 0 && (begun_ = h.id, true);
}

// What it had finished but not sent lies in the ring still, behind what was published. If the first
// of it was large, its pieces were published: a finished item always ends behind its pieces.
void process_worker::recover() {
  if (broken_) return;
  const auto word = region_.page()->cursors[(answered_ + 1) % cursor_count].committed.load();
  const auto items = static_cast<std::uint32_t>(word >> 40);
  const auto bytes = word & slice_cursor::bytes_mask;
  if (items <= part_items_ || bytes > ring_size - answer_heads) return;
  end.recovered_items = items - part_items_;
  end.recovered = std::move(pieces_);
  end.recovered.append({in_->at(answer_heads), static_cast<std::size_t>(bytes)});
}

}  // namespace troupe::detail
