// The link as a worker process sees it, with nothing that keeps it from lying.
#pragma once

#include "runtime/ring.hpp"
#include "runtime/spawner.hpp"

#include <troupe/codec.hpp>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <random>
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

inline constexpr result_head one_item{.items = 1, .first_error = ~0U};

/// With a byte that is not yet an offence.
inline void send_descriptors() {
  int files[16];
  for (int& f : files) f = open("/dev/null", O_RDONLY | O_CLOEXEC);
  auto bytes = make_frame(frame_kind::stop, {});
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof files)] = {};
  iovec part{bytes.data(), 1};  // the rest follows: an incomplete frame is no offence yet
  msghdr m{};
  m.msg_iov = &part;
  m.msg_iovlen = 1;
  m.msg_control = control;
  m.msg_controllen = sizeof control;
  auto* c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof files);
  std::memcpy(CMSG_DATA(c), files, sizeof files);
  sendmsg(worker_socket_fd, &m, MSG_NOSIGNAL);
  for (const int f : files) close(f);
}

/// Bytes without sense in the ring, and heads without sense over them.
inline void noise(worker_link& l, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const auto t = l.take();
  const bool plausible = random() % 2 == 0;
  for (std::size_t i = 0; i + 8 <= ring_size; i += 8) {
    const auto word = random();
    std::memcpy(l.ring_bytes() + i, &word, 8);
  }
  if (plausible) {  // the first header makes sense, so that what follows it is looked at, too
    frame_header h{.kind = static_cast<frame_kind>(random() % 16), .length = random() % 400, .id = 1};
    if (random() % 4 == 0) h.length = random() >> random() % 64;
    std::memcpy(l.ring_bytes(), &h, sizeof h);
  }
  for (auto* at = reinterpret_cast<unsigned char*>(&l.cursor(t)); at < reinterpret_cast<unsigned char*>(&l.cursor(t) + 1); ++at)
    *at = static_cast<unsigned char>(random());
  for (int i = 0; i < 1000; ++i) {
    l.head().store(random() % 2 == 0 ? random() : random() % ring_size / 16 * 16);
    l.page().to_worker.tail.store(random());
    l.ring_host();
  }
  worker_link::die();
}

/// Bytes of a large result, and that so many more are to come.
inline void piece(worker_link& l, std::uint64_t id, std::size_t bytes, std::uint64_t more = 0,
                  result_head r = {.items = 0}) {
  std::vector<std::byte> p(sizeof r + bytes);
  std::memcpy(p.data(), &r, sizeof r);
  l.publish({.kind = frame_kind::piece, .length = p.size(), .id = id, .target = more}, p);
}

}  // namespace hostile
