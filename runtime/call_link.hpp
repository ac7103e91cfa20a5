// The host's end of a worker process's calls to objects.
#pragma once

#include "runtime/call_frames.hpp"
#include "runtime/object.hpp"

#include <deque>
#include <functional>
#include <unordered_map>

namespace troupe::detail {

/// Reads what the worker asks, hands it to the objects, writes their answers. An object answers the
/// worker only if it was given a handle: others are as if they were not there. It outlives the
/// worker as long as an object has a request of it.
class call_link final : public answer_sink, public std::enable_shared_from_this<call_link> {
 public:
  /// Which handles are on their way to the worker now, in its tasks' arguments.
  using lender = std::function<std::shared_ptr<object>(std::uint64_t number)>;
  /// A handle goes out in the results of that slice.
  using attacher = std::function<void(std::uint64_t slice, std::shared_ptr<object>)>;

  call_link(shared_region& region, lender lends, attacher attach);

  // --- the reactor's
  /// Obeys some of what is there; false: nothing was. Throws protocol_error.
  bool drain();
  bool quiet() const noexcept;
  /// Writes answers that found no room.
  void pump();
  /// The worker is dead: what it holds is released. The memory is not touched any more.
  void over() noexcept;

  // --- any thread's
  void answered(reply&& r) noexcept override;

  struct protocol_error : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

 private:
  struct held {
    std::shared_ptr<object> what;
    std::uint64_t times = 0;
  };
  struct large {
    frame_header header;
    call_head head;
    buffer rest;
  };

  bool take_frame();
  bool take_piece();
  void obey(const frame_header& h, const call_head& c, std::span<const std::byte> rest);
  void ask(const frame_header& h, const call_head& c, std::span<const std::byte> rest);
  void retain(std::uint64_t number);
  std::shared_ptr<object> held_object(std::uint64_t number) const;
  bool write(const reply& r);
  bool write_some();

  shared_page& page_;
  const std::uint64_t link_;
  const lender lends_;
  const attacher attach_;
  ring_reader in_;
  std::optional<large> large_;
  std::unordered_map<std::uint64_t, held> held_;

  std::mutex out_mutex_;
  ring_writer out_;
  std::deque<reply> outbox_;
  std::size_t streamed_ = 0;   // bytes of the first of them that are in the ring
  bool streaming_ = false;
  bool over_ = false;
  std::unordered_map<std::uint64_t, std::uint64_t> asked_;  // request → thread
  // Handles in answers that the thread may not have made its own yet: it has, when it asks again.
  std::unordered_map<std::uint64_t, keepers> lent_;
};

}  // namespace troupe::detail
