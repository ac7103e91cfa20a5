// A worker process's way to the objects of its host.
#pragma once

#include "runtime/call_frames.hpp"
#include "runtime/object.hpp"

#include <condition_variable>
#include <unordered_map>

namespace troupe::detail {

/// Any thread of the worker process may ask. Of those that wait for answers one reads the ring and
/// hands the others theirs: so there is no thread, and no hop, between an answer and who waits.
class uplink {
 public:
  /// `host`: the host's owner id; `host_bell`: its eventfd.
  uplink(shared_region& region, std::uint64_t host, int host_bell) noexcept;

  std::uint64_t host() const noexcept { return host_; }
  object_ref refer(std::uint64_t number, object_kind kind);
  reply perform(std::uint64_t target, call&& c);
  /// One way: nobody answers. `ring`: the host should not wait for something else to come.
  void tell(link_verb what, std::uint64_t target, std::uint64_t number = 0, std::uint64_t id = 0,
            bool ring = true);

 private:
  struct waiter {
    std::optional<reply> answer;
    std::atomic<bool> stopping{false};
  };
  void send(const frame_header& h, const call_head& c, std::span<const std::uint64_t> keeps,
            std::span<const std::byte> payload, bool ring);
  void wait_for_room(std::size_t n) noexcept;
  reply wait(std::uint64_t target, std::uint64_t id, waiter& me, steady_time until);
  template <class GiveUp>
  void read(GiveUp&& give_up, steady_time until);
  std::pair<std::uint64_t, reply> read_one();
  void consume(std::size_t n) noexcept;

  shared_page& page_;
  const std::uint64_t host_;
  const int host_bell_;

  std::mutex send_mutex_;
  ring_writer out_;

  std::mutex mutex_;
  std::condition_variable handed_out_;
  std::unordered_map<std::uint64_t, waiter*> waiting_;
  std::uint64_t last_id_ = 0;
  bool reading_ = false;  // somebody does

  ring_reader in_;                                        // the reading thread's
  std::vector<std::pair<std::uint64_t, reply>> arrived_;  // the reading thread's

  std::mutex references_mutex_;
  std::unordered_map<std::uint64_t, std::weak_ptr<reference>> references_;
};

/// This process's; null if it is no worker. Lives until the process ends.
extern uplink* to_host;

}  // namespace troupe::detail
