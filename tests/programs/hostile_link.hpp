// The link as a worker process sees it, with nothing that keeps it from lying.
#pragma once

#include "runtime/ring.hpp"
#include "runtime/spawner.hpp"

#include <troupe/codec.hpp>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace hostile {

using namespace troupe::detail;

/// A task as the honest end would see it: square(int).
struct task {
  frame_header frame;
  task_head head;
  std::int32_t x = 0;
};

class worker_link {
 public:
  worker_link()
      : region_(shared_region::open(worker_memory_fd)),
        in_(region_.page()->to_worker, region_.to_worker()),
        out_(region_.page()->to_host, region_.to_host()) {
    // The host's first word is who it is: so must we be.
    std::byte bytes[4096];
    const auto n = recv(worker_socket_fd, bytes, sizeof bytes, 0);
    if (n < static_cast<ssize_t>(sizeof(frame_header))) die();
    troupe::reader from{std::span{bytes, static_cast<std::size_t>(n)}.subspan(sizeof(frame_header))};
    troupe::decode(from, identity_);
  }

  shared_page& page() { return *region_.page(); }
  std::byte* ring_bytes() { return region_.to_host(); }
  std::atomic<std::uint64_t>& head() { return page().to_host.head; }
  slice_cursor& cursor(const task& t) { return page().cursors[t.head.slot % cursor_count]; }

  // --- on the socket
  void say(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(worker_socket_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) pause_for_ever();
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }
  void say(frame_kind kind, std::span<const std::byte> payload = {}) {
    say(make_frame(kind, payload).view());
  }
  void hello() { hello(identity_); }
  void hello(const std::string& identity) {
    say(frame_kind::hello, encoded(std::pair{identity, static_cast<std::int32_t>(getpid())}).view());
  }
  void start() {
    hello();
    say(frame_kind::ready);
  }

  // --- in the ring
  /// Waits for a task and claims its first item, as an honest worker does.
  task take() {
    page().worker_bell.wait([&] { return *in_.available() >= sizeof(frame_header) + sizeof(task_head); });
    task t;
    std::memcpy(&t.frame, in_.at(), sizeof t.frame);
    std::memcpy(&t.head, in_.at(sizeof t.frame), sizeof t.head);
    std::memcpy(&t.x, in_.at(sizeof t.frame + sizeof t.head), sizeof t.x);
    in_.consume(padded(sizeof t.frame + t.frame.length));
    cursor(t).start_next();
    return t;
  }
  void publish(const frame_header& h, std::span<const std::byte> payload = {}) {
    const auto n = padded(sizeof h + payload.size());
    while (out_.room() < n) ring_host();
    std::memcpy(out_.at(), &h, sizeof h);
    if (!payload.empty()) std::memcpy(out_.at(sizeof h), payload.data(), payload.size());
    out_.publish(n);
    ring_host();
  }
  void publish_raw(std::size_t n) {
    while (out_.room() < n) ring_host();
    out_.publish(n);
    ring_host();
  }
  void ring_host() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n = write(worker_bell_fd, &one, sizeof one);
  }

  /// An answer as it should be, for the caller to spoil.
  static std::vector<std::byte> payload(const result_head& r, std::int32_t value) {
    std::vector<std::byte> p(sizeof r + 1 + sizeof value, std::byte{0});
    std::memcpy(p.data(), &r, sizeof r);
    std::memcpy(p.data() + sizeof r + 1, &value, sizeof value);
    return p;
  }
  static frame_header result(const task& t, std::size_t length, frame_kind kind = frame_kind::result) {
    return {.kind = kind, .length = length, .id = t.frame.id};
  }
  void answer(const task& t, result_head r = {.items = 1, .first_error = ~0U},
              frame_kind kind = frame_kind::result) {
    const auto p = payload(r, t.x * t.x);
    publish(result(t, p.size(), kind), p);
  }

  [[noreturn]] static void pause_for_ever() {
    for (;;) pause();
  }
  [[noreturn]] static void die() {
    kill(getpid(), SIGKILL);
    pause_for_ever();
  }

 private:
  shared_region region_;
  ring_reader in_;
  ring_writer out_;
  std::string identity_;
};

}  // namespace hostile
