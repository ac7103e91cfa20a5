// What runs in a worker process instead of the program's own main: a blocking actor whose mailbox
// is the ring. Entered by troupe::init, never left.
#pragma once

#include "runtime/ring.hpp"
#include "runtime/run_slice.hpp"
#include "runtime/worker_context.hpp"

namespace troupe::detail {

/// Results go straight into the ring, so that a worker that dies has lost none but the one it was
/// at. Full: what is whole is sent off as a part. Too large for the ring: on to the heap.
class ring_sink final : public sink {
 public:
  ring_sink(shared_region& region, int host_bell) noexcept;
  /// For the results of the slice with this id, whose cursor this is.
  void open(std::uint64_t id, slice_cursor& cursor);
  void grow(std::size_t n) override;
  /// The rest of the results, and what was measured.
  void close(const answer& a);
  /// A frame without payload.
  void tell(frame_kind kind, std::uint64_t id);
  /// Wakes the host if it sleeps.
  void ring_host() noexcept;

 private:
  void wait_for_room(std::size_t n) noexcept;
  void aim(std::size_t used) noexcept;
  void send_part(std::size_t whole);
  void head(frame_kind kind, std::uint64_t id, std::size_t bytes, const result_head& r) noexcept;
  void stream(std::span<const std::byte> bytes) noexcept;

  shared_page& page_;
  ring_writer out_;
  int host_bell_;
  std::uint64_t id_ = 0;
  slice_cursor* cursor_ = nullptr;
  std::uint32_t sent_items_ = 0;  // in parts
  buffer heap_;
  bool on_heap_ = false;
};

/// Never returns.
[[noreturn]] void worker_main();
/// Whether that is what this process does.
bool in_worker_process() noexcept;

/// Installs what turns a crash of this process into last words. Worker processes only.
void record_last_words(last_words& words);
void say_last_words(last_words& words, last_words::cause why, const char* text) noexcept;

}  // namespace troupe::detail
