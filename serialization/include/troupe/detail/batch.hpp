#pragma once

#include <troupe/codec.hpp>

#include <atomic>
#include <cstdint>

namespace troupe::detail {

/// How far a slice (a run of calls of one function) has come. It lies where both sides see it: the
/// receiver moves `next` and `committed`, the sender may lower `limit` to take back what has not
/// been started. Since every step is one store, it is exact even if the receiver dies in between.
struct slice_cursor {
  std::atomic<std::uint64_t> claim{0};      ///< limit << 32 | next: items to run | items started
  std::atomic<std::uint64_t> committed{0};  ///< items << 40 | bytes: finished | their result bytes
  std::atomic<double> progress{0};          ///< as told by the running task, 0..1

  static constexpr std::uint64_t bytes_mask = (std::uint64_t{1} << 40) - 1;
  static constexpr std::uint32_t max_items = (1U << 24) - 1;

  void reset(std::uint32_t items) noexcept {
    committed.store(0, std::memory_order_relaxed);
    progress.store(0, std::memory_order_relaxed);
    claim.store(std::uint64_t{items} << 32, std::memory_order_release);
  }
  std::uint32_t started() const noexcept {
    return static_cast<std::uint32_t>(claim.load(std::memory_order_acquire));
  }
  std::uint32_t limit() const noexcept {
    return static_cast<std::uint32_t>(claim.load(std::memory_order_acquire) >> 32);
  }
  /// Receiver: starts the next item; false if none is left (or it was taken back).
  bool start_next() noexcept {
    auto word = claim.load(std::memory_order_relaxed);
    do {
      if (static_cast<std::uint32_t>(word) >= static_cast<std::uint32_t>(word >> 32)) return false;
    } while (!claim.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel));
    return true;
  }
  /// Sender: takes back what has not been started but the first `keep` of it; returns how many
  /// items were taken, the last ones.
  std::uint32_t take_back(std::uint32_t keep = 0) noexcept {
    auto word = claim.load(std::memory_order_relaxed);
    std::uint32_t next, limit, cut;
    do {
      next = static_cast<std::uint32_t>(word);
      limit = static_cast<std::uint32_t>(word >> 32);
      cut = next >= limit || limit - next < keep ? limit : next + keep;
      if (cut == limit) return 0;
    } while (!claim.compare_exchange_weak(word, std::uint64_t{cut} << 32 | next,
                                          std::memory_order_acq_rel));
    return limit - cut;
  }
};

/// Called when a task ends with std::bad_alloc; set by a worker under a memory limit. Null: it is
/// an error as any other.
extern std::atomic<void (*)() noexcept> on_bad_alloc;

/// First byte of each item's result.
enum class item_status : std::uint8_t { value = 0, error = 1 };

/// A slice as the receiver's typed code sees it: arguments in, results out, item by item.
class batch {
 public:
  batch(slice_cursor& cursor, reader& args, writer& out) noexcept
      : args(args), out(out), cursor_(cursor) {}

  reader& args;
  writer& out;

  bool next() noexcept { return !out_of_memory_ && cursor_.start_next(); }
  /// Before the item's value is written.
  void begin_item() {
    auto& to = out.out();
    to.mark = to.cur;
    out.put(static_cast<std::uint8_t>(item_status::value));
  }
  /// The item's value is whole.
  void commit() noexcept {
    auto& to = out.out();
    to.mark = to.cur;
    ++items_;
    cursor_.committed.store(std::uint64_t{items_} << 40 | to.size(), std::memory_order_release);
  }
  /// From a catch block: the item's result is the current exception.
  void fail() noexcept;

  std::uint32_t items() const noexcept { return items_; }
  /// Which item was the first to fail, from 0; no_error if none did.
  std::uint32_t first_error() const noexcept { return first_error_; }
  std::uint32_t errors() const noexcept { return errors_; }  ///< how many items failed
  static constexpr std::uint32_t no_error = ~std::uint32_t{0};
  bool out_of_memory() const noexcept { return out_of_memory_; }  ///< an error could not be told

 private:
  slice_cursor& cursor_;
  std::uint32_t items_ = 0;
  std::uint32_t first_error_ = no_error;
  std::uint32_t errors_ = 0;
  bool out_of_memory_ = false;
};

}  // namespace troupe::detail
