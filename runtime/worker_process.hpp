// What runs in a worker process instead of the program's own main: a blocking actor whose mailbox
// is the ring. Entered by troupe::init, never left.
#pragma once

#include "runtime/ring.hpp"
#include "runtime/run_slice.hpp"
#include "runtime/worker_context.hpp"

namespace troupe::detail {

/// In the worker: there is something for the host, or room it waits for. A system call only if it
/// has said that it sleeps.
void ring_host(shared_page& page, int host_bell) noexcept;


/// Results go straight into the ring, so that a worker that dies has lost none but the one it was
/// at. Full: what is whole is sent off as a part. One that is large goes in pieces, and the host
/// reads the first while the last is not yet encoded.
class ring_sink final : public sink {
 public:
  ring_sink(shared_region& region, int host_bell) noexcept;
  /// For the results of the slice with this id, whose cursor this is.
  void open(std::uint64_t id, slice_cursor& cursor);
  void overflow(const void* bytes, std::size_t n) override;
  void rewind() noexcept override;
  /// The rest of the results, and what was measured.
  void close(const answer& a);
  /// A frame without payload.
  void tell(frame_kind kind, std::uint64_t id);
  /// Wakes the host if it sleeps.
  void ring_host() noexcept;

 private:
  void wait_for_room(std::size_t n) noexcept;
  void aim(std::size_t used, std::size_t most) noexcept;
  void send_part(std::size_t whole) noexcept;
  void send_piece(std::uint64_t more) noexcept;
  void send(frame_kind kind, std::size_t bytes, const result_head& r, std::uint64_t more = 0) noexcept;

  shared_page& page_;
  ring_writer out_;
  int host_bell_;
  std::uint64_t id_ = 0;
  slice_cursor* cursor_ = nullptr;
  std::uint32_t sent_items_ = 0;  // in parts
  std::uint64_t in_pieces_ = 0;   // bytes sent of the first item that is in no part
};

/// Never returns.
[[noreturn]] void worker_main();
/// Whether that is what this process does.
bool in_worker_process() noexcept;

/// Installs what turns a crash of this process into last words. Worker processes only.
void record_last_words(last_words& words);
void say_last_words(last_words& words, last_words::cause why, const char* text) noexcept;

}  // namespace troupe::detail
