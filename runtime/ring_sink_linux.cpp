#include "runtime/worker_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace troupe::detail {

namespace {

constexpr std::size_t heads = sizeof(frame_header) + sizeof(result_head);
constexpr std::size_t room_to_start = 8192;
constexpr std::size_t piece = ring_size / 4;  // so that one is read while another is written
constexpr std::uint64_t largest = default_max_frame;

}  // namespace

ring_sink::ring_sink(shared_region& region, int host_bell) noexcept
    : page_(*region.page()), out_(page_.to_host, region.to_host()), host_bell_(host_bell) {}

void ring_sink::ring_host() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (page_.host_armed.load(std::memory_order_relaxed) == 0 ||
      page_.host_armed.exchange(0, std::memory_order_acq_rel) == 0)
    return;
  const std::uint64_t one = 1;
  if (write(host_bell_, &one, sizeof one) > 0) return;
  if (errno == EAGAIN) {  // a task has filled it up
    std::uint64_t count = 0;
    if (read(host_bell_, &count, sizeof count) > 0 && write(host_bell_, &one, sizeof one) > 0) return;
  }
  // The task has closed it: the host would never hear of anything again, but of our end.
  say_last_words(page_.words, last_words::crash, "it closed the descriptors of its mailbox");
  std::_Exit(70);
}

void ring_sink::wait_for_room(std::size_t n) noexcept {
  if (out_.room() >= n) return;
  ring_host();
  page_.worker_bell.wait([&] {
    page_.worker_wants_room.store(1, std::memory_order_seq_cst);
    return out_.room() >= n;
  });
  page_.worker_wants_room.store(0, std::memory_order_relaxed);
}

void ring_sink::aim(std::size_t used, std::size_t most) noexcept {
  begin = mark = out_.at(heads);
  cur = begin + used;
  end = begin + (std::min(out_.room(), most) - heads);
}

void ring_sink::open(std::uint64_t id, slice_cursor& cursor) {
  id_ = id;
  cursor_ = &cursor;
  sent_items_ = 0;
  in_pieces_ = 0;
  wait_for_room(room_to_start);
  aim(0, ring_size);
}

void ring_sink::send(frame_kind kind, std::size_t bytes, const result_head& r,
                     std::uint64_t more) noexcept {
  const frame_header h{.kind = kind, .length = sizeof r + bytes, .id = id_, .target = more};
  std::memcpy(out_.at(), &h, sizeof h);
  std::memcpy(out_.at(sizeof h), &r, sizeof r);
  out_.publish(padded(heads + bytes));
}

void ring_sink::send_part(std::size_t whole) noexcept {
  const auto finished = static_cast<std::uint32_t>(cursor_->committed.load() >> 40);
  send(frame_kind::part, whole, {.items = finished - sent_items_, .first_error = ~0U});
  sent_items_ = finished;
  in_pieces_ = 0;
  cursor_->committed.store(std::uint64_t{finished} << 40, std::memory_order_release);
}

// All that the window holds, which is of one item that is not whole.
void ring_sink::send_piece(std::uint64_t more) noexcept {
  in_pieces_ += size();
  send(frame_kind::piece, size(), {.items = 0}, more);
  ring_host();
  wait_for_room(piece);
  aim(0, piece);
}

// The item that is not whole moves to the start of the window. There it has room for n bytes more,
// or else it goes off in pieces.
void ring_sink::overflow(const void* bytes, std::size_t n) {
  const auto* const unfinished = mark;
  const auto whole = static_cast<std::size_t>(mark - begin), open = size() - whole;
  if (whole != 0) send_part(whole);
  const auto window = std::max(piece, heads + open);
  wait_for_room(std::min(window, heads + open + std::min(n, piece)));
  if (whole != 0) out_.move_forward(unfinished, heads, open);
  aim(open, window);
  if (in_pieces_ + open > largest || n > largest - in_pieces_ - open)
    throw encode_error{"a result is larger than " + std::to_string(largest) + " bytes"};
  for (auto* from = static_cast<const std::byte*>(bytes);; send_piece(n)) {
    const auto some = std::min(n, static_cast<std::size_t>(end - cur));
    std::memcpy(cur, from, some);
    cur += some;
    from += some;
    n -= some;
    if (n == 0) return;  // so some of an item always stays behind its pieces
  }
}

// Behind items that are whole it is one of theirs that went in pieces.
void ring_sink::rewind() noexcept {
  cur = mark;
  if (in_pieces_ == 0 || mark != begin) return;
  send_piece(0);  // an empty one: the host forgets the others
  in_pieces_ = 0;
}

void ring_sink::close(const answer& a) {
  send(frame_kind::result, size(),
       {.items = a.items - sent_items_,
        .first_error = a.first_error,
        .ran = static_cast<std::uint64_t>(a.ran),
        .cpu = static_cast<std::uint64_t>(a.cpu),
        .errors = a.errors});
  ring_host();
}

void ring_sink::tell(frame_kind kind, std::uint64_t id) {
  wait_for_room(sizeof(frame_header));
  const frame_header h{.kind = kind, .id = id};
  std::memcpy(out_.at(), &h, sizeof h);
  out_.publish(sizeof h);
  ring_host();
}

}  // namespace troupe::detail
