#include "runtime/worker_process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <unistd.h>

namespace troupe::detail {

namespace {

constexpr std::size_t heads = sizeof(frame_header) + sizeof(result_head);
constexpr std::size_t room_to_start = 8192;
constexpr std::size_t piece = ring_size / 2;

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

void ring_sink::aim(std::size_t used) noexcept {
  begin = mark = out_.at(heads);
  cur = begin + used;
  end = begin + (out_.room() - heads);
}

void ring_sink::open(std::uint64_t id, slice_cursor& cursor) {
  id_ = id;
  cursor_ = &cursor;
  sent_items_ = 0;
  on_heap_ = false;
  page_.spilled.store(0, std::memory_order_release);
  wait_for_room(room_to_start);
  aim(0);
}

void ring_sink::head(frame_kind kind, std::uint64_t id, std::size_t bytes,
                     const result_head& r) noexcept {
  const frame_header h{.kind = kind, .length = sizeof r + bytes, .id = id};
  std::memcpy(out_.at(), &h, sizeof h);
  std::memcpy(out_.at(sizeof h), &r, sizeof r);
}

void ring_sink::send_part(std::size_t whole) {
  const auto finished = static_cast<std::uint32_t>(cursor_->committed.load() >> 40);
  head(frame_kind::part, id_, whole, {.items = finished - sent_items_, .first_error = ~0U});
  out_.publish(padded(heads + whole));
  sent_items_ = finished;
  cursor_->committed.store(std::uint64_t{finished} << 40, std::memory_order_release);
}

void ring_sink::grow(std::size_t n) {
  const auto used = size(), whole = static_cast<std::size_t>(mark - begin), open = used - whole;
  if (on_heap_) {
    heap_.resize(used);
    heap_.reserve(used + n);
  } else {
    const auto* const unfinished = mark;
    if (whole != 0) send_part(whole);
    if (heads + open + n <= piece) {
      wait_for_room(heads + open + n);
      out_.move_forward(unfinished, heads, open);
      return aim(open);
    }
    page_.spilled.store(1, std::memory_order_release);
    heap_.clear();
    heap_.reserve(open + n);
    heap_.append({unfinished, open});
    on_heap_ = true;
    begin = mark = heap_.data();
    cur = begin + open;
    end = begin + heap_.capacity();
    return;
  }
  begin = heap_.data();
  cur = begin + used;
  mark = begin + whole;
  end = begin + heap_.capacity();
}

void ring_sink::stream(std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    const auto n = std::min(bytes.size(), piece);
    wait_for_room(padded(n));
    std::memcpy(out_.at(), bytes.data(), n);
    out_.publish(padded(n));
    ring_host();
    bytes = bytes.subspan(n);
  }
}

void ring_sink::close(const answer& a) {
  const auto bytes = size();
  const result_head r{.items = a.items - sent_items_,
                      .first_error = a.first_error,
                      .ran = static_cast<std::uint64_t>(a.ran),
                      .cpu = static_cast<std::uint64_t>(a.cpu),
                      .errors = a.errors};
  if (!on_heap_) {
    head(frame_kind::result, id_, bytes, r);
    out_.publish(padded(heads + bytes));
  } else if (heads + bytes <= ring_size) {
    wait_for_room(padded(heads + bytes));
    head(frame_kind::result, id_, bytes, r);
    std::memcpy(out_.at(heads), begin, bytes);
    out_.publish(padded(heads + bytes));
  } else {
    wait_for_room(heads);
    head(frame_kind::result, id_, bytes, r);
    out_.publish(heads);
    stream({begin, bytes});
  }
  // One large result is often followed by another: keep some memory, not all there is.
  if (on_heap_ && heap_.capacity() > (std::size_t{64} << 20)) heap_.reset();
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
