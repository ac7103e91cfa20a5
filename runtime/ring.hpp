// The memory that a host and one worker process share: two byte rings, one each way, the cursors
// of the slices under way, and the worker's last words. README.md draws it.
//
// Each ring has one writer and one reader. Its bytes are mapped twice in a row, so that any run of
// up to ring_size bytes is contiguous. Positions only grow; a position modulo ring_size is a place.
// What the other side wrote is never trusted here by the host: see ring_reader::available.
#pragma once

#include "runtime/park.hpp"
#include "serialization/frame.hpp"

#include <troupe/detail/batch.hpp>

#include <optional>

namespace troupe::detail {

inline constexpr std::size_t ring_size = std::size_t{256} << 10;
inline constexpr std::size_t cursor_count = 64;  // = pool_state::most_ahead
inline constexpr std::uint32_t layout_version = 1;

/// Where one side sleeps until the other has something for it. Whoever makes something visible
/// calls ring() after it; whoever is about to sleep calls wait() with what it looks for. Between
/// "I sleep" and the last look there is a full fence, as there is between "it is there" and the
/// look at who sleeps: so one of the two always sees the other.
struct alignas(64) doorbell {
  std::atomic<std::uint32_t> count{0};
  std::atomic<std::uint32_t> asleep{0};

  bool sleeper() const noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return asleep.load(std::memory_order_relaxed) != 0;
  }
  void ring() noexcept {
    asleep.store(0, std::memory_order_relaxed);
    count.fetch_add(1, std::memory_order_release);
    unpark_one(count, true);
  }
  template <class Ready>
  void wait(Ready&& ready) noexcept {
    while (!ready()) {
      const auto seen = count.load(std::memory_order_acquire);
      asleep.store(1, std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_seq_cst);
      if (ready()) break;
      park(count, seen, never, true);
    }
    asleep.store(0, std::memory_order_relaxed);
  }
};

struct ring_positions {
  alignas(64) std::atomic<std::uint64_t> head{0};  ///< written up to here
  alignas(64) std::atomic<std::uint64_t> tail{0};  ///< read up to here
};

/// What the worker saw of its own end, for the host to read once it is dead.
struct last_words {
  enum cause : std::uint32_t { nothing, crash, stack_overflow, terminate, memory_limit };
  std::atomic<std::uint32_t> why{nothing};
  std::atomic<std::uint32_t> length{0};
  char text[2000];
};

struct alignas(64) padded_cursor : slice_cursor {};

struct shared_page {
  std::uint32_t version = layout_version;
  std::uint32_t size = sizeof(shared_page);
  ring_positions to_worker;
  ring_positions to_host;
  doorbell worker_bell;                             ///< the worker sleeps here: for frames, for room
  alignas(64) std::atomic<std::uint32_t> host_armed{0};   ///< the host wants its eventfd written
  std::atomic<std::uint32_t> host_wants_room{0};    ///< … once there is room in to_worker
  std::atomic<std::uint32_t> worker_wants_room{0};  ///< ring worker_bell once to_host has room
  padded_cursor cursors[cursor_count];
  last_words words;
};
inline constexpr std::size_t page_bytes = (sizeof(shared_page) + 4095) / 4096 * 4096;

/// The writing end of a ring. Bytes are published when they are whole, by one store.
class ring_writer {
 public:
  ring_writer(ring_positions& p, std::byte* bytes) noexcept : p_(p), bytes_(bytes) {}
  /// Room for so many bytes; at most ring_size even if the reader lies.
  std::size_t room() const noexcept {
    const auto used = head_ - p_.tail.load(std::memory_order_acquire);
    return used > ring_size ? 0 : ring_size - static_cast<std::size_t>(used);
  }
  std::byte* at(std::size_t offset = 0) const noexcept {
    return bytes_ + (head_ + offset) % ring_size;
  }
  /// Moves n unpublished bytes, that lie somewhere behind the head, forward to at(offset). Not
  /// memmove alone: the two places may overlap through different mappings of the same memory.
  void move_forward(const std::byte* from, std::size_t offset, std::size_t n) const noexcept {
    auto* const place = bytes_ + static_cast<std::size_t>(from - bytes_) % ring_size;
    const auto distance = static_cast<std::size_t>(at(offset) - place + ring_size) % ring_size;
    std::memmove(place + distance, place, n);
  }
  void publish(std::size_t n) noexcept {
    head_ += n;
    p_.head.store(head_, std::memory_order_release);
  }

 private:
  ring_positions& p_;
  std::byte* bytes_;
  std::uint64_t head_ = 0;  // ours: what lies in shared memory is only a copy
};

/// The reading end of a ring.
class ring_reader {
 public:
  ring_reader(ring_positions& p, const std::byte* bytes) noexcept : p_(p), bytes_(bytes) {}
  /// How many bytes are there; nothing if that cannot be, so that the writer must be wrong.
  std::optional<std::size_t> available() const noexcept {
    const auto n = p_.head.load(std::memory_order_acquire) - tail_;
    if (n > ring_size || n % frame_alignment != 0) return std::nullopt;
    return static_cast<std::size_t>(n);
  }
  const std::byte* at(std::size_t offset = 0) const noexcept {
    return bytes_ + (tail_ + offset) % ring_size;
  }
  void consume(std::size_t n) noexcept {
    tail_ += n;
    p_.tail.store(tail_, std::memory_order_release);
  }

 private:
  ring_positions& p_;
  const std::byte* bytes_;
  std::uint64_t tail_ = 0;
};

/// One mapping of the page and of both rings, each ring twice in a row. Move-only.
class shared_region {
 public:
  /// A new one, and its descriptor (sealed against any change of size). Throws std::system_error.
  static shared_region create(int& fd);
  /// The one behind a descriptor. Throws std::system_error or usage_error.
  static shared_region open(int fd);
  shared_region(shared_region&& o) noexcept : base_(std::exchange(o.base_, nullptr)) {}
  shared_region& operator=(shared_region o) noexcept {
    std::swap(base_, o.base_);
    return *this;
  }
  shared_region() noexcept = default;
  ~shared_region();

  shared_page* page() const noexcept { return reinterpret_cast<shared_page*>(base_); }
  std::byte* to_worker() const noexcept { return base_ + page_bytes; }
  std::byte* to_host() const noexcept { return base_ + page_bytes + 2 * ring_size; }

 private:
  explicit shared_region(std::byte* base) noexcept : base_(base) {}
  static shared_region map(int fd);
  std::byte* base_ = nullptr;
};

}  // namespace troupe::detail
