#include "runtime/process_worker.hpp"

#include "runtime/handshake.hpp"

#include <troupe/exception.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgot that it may be read by C++
}

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::child_over)

namespace troupe::detail {

namespace {

constexpr std::size_t quoted_at_most = 200;

std::string printable(const char* text, std::size_t n) {
  std::string s;
  for (std::size_t i = 0; i < n; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    s += c >= 0x20 && c < 0x7f ? static_cast<char>(c) : '?';
  }
  return s;
}

// The proxy: an actor that lives as long as the process, so that the process's death is its end.
caf::behavior proxy(caf::event_based_actor* self) {
  return {[self](child_over) { self->quit(); }};
}

}  // namespace

process_worker::process_worker(worker_spec s, std::shared_ptr<pool_core> pool)
    : worker(std::move(s)), pool_(std::move(pool)) {
  end.facts.worker = spec.name;
  proxy_ = pool_->system().actors().spawn(proxy);
}

process_worker::~process_worker() {
  if (calls_) calls_->over();
  close_all();
}

caf::actor_addr process_worker::address() const { return proxy_.address(); }

std::shared_ptr<worker> start_process_worker(worker_spec spec, std::shared_ptr<pool_core> pool) {
  auto w = std::make_shared<process_worker>(std::move(spec), pool);
  pool->system().starter().post([w] { w->launch(); });
  return w;
}

void process_worker::launch() noexcept {
  int theirs = -1, memory = -1;
  try {
    auto& io = pool_->system().io();
    {
      const std::lock_guard hold{out_mutex_};
      if (killed_) throw cancelled_error{"stopped before it was started"};
      region_ = shared_region::create(memory);
      out_.emplace(region_.page()->to_worker, region_.to_worker());
      in_.emplace(region_.page()->to_host, region_.to_host());
      calls_ = std::make_shared<call_link>(
          region_, [this](std::uint64_t number) { return pool_->lent(spec.seat, number); },
          [this](std::uint64_t slice, std::shared_ptr<object> o) {
            pool_->attach(spec.seat, slice, {std::move(o)});
          });
      int pair[2];
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        throw std::system_error{errno, std::generic_category(), "socketpair for a worker"};
      socket_ = pair[0];
      theirs = pair[1];
      bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
      if (bell_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd for a worker"};
      const auto& o = pool_->options();
      welcome_message w{.identity = build_identity(),
                        .worker_name = spec.name,
                        .worker_id = spec.id,
                        .host_pid = getpid(),
                        .memory_limit = o.memory_limit,
                        .max_frame = default_max_frame,
                        .owner = owner_id(),
                        .initializer = {}};
      if (o.initializer) {
        const auto f = encoded(o.initializer);
        w.initializer.assign(reinterpret_cast<const char*>(f.data()), f.size());
      }
      const auto greeting = make_frame(frame_kind::welcome, encoded(w).view());
      // Fits into an empty socket's buffer, unless somebody's initializer carries a lot of data.
      if (send(socket_, greeting.data(), greeting.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
          static_cast<ssize_t>(greeting.size()))
        throw usage_error{"the initializer carries too much data: " +
                          std::to_string(greeting.size()) + " bytes"};
      const int pid = spawn_worker(
          {pool_->system().options().worker_executable, spec.name, theirs, memory, bell_});
      pid_ = pid;
      end.facts.pid = pid;
      pidfd_ = pidfd_open(pid, 0);
      if (pidfd_ < 0) {
        const int error = errno;
        if (error != ESRCH) {  // else it is over, and a host that reaps everything has reaped it
          kill(pid, SIGKILL);
          waitpid(pid, nullptr, 0);
        }
        throw std::system_error{error, std::generic_category(), "pidfd_open for a worker"};
      }
    }
    close(theirs);
    close(memory);
    io.post([self = shared_from_this()] { self->listen(); });
    caf::anon_send(pool_->supervisor(), worker_spawned{spec.id});
  } catch (const std::system_error& e) {
    close(theirs);
    close(memory);
    start_error = std::make_exception_ptr(troupe::start_error{
        "worker " + spec.name + " could not be started: " + e.what(), e.code().value(), ""});
    caf::anon_send(proxy_, child_over{});
  } catch (...) {
    close(theirs);
    close(memory);
    start_error = std::current_exception();
    caf::anon_send(proxy_, child_over{});
  }
}

// --- news ------------------------------------------------------------------------------------

void process_worker::listen() {
  auto& io = pool_->system().io();
  try {
    io.add(socket_, shared_from_this(), socket_tag, false);
    io.add(bell_, shared_from_this(), bell_tag, true);
    io.add(pidfd_, shared_from_this(), exit_tag, false);
  } catch (const std::exception& e) {
    broke_protocol(e.what());  // no news could come: it must not live
    over_when_dead();
    return;
  }
  ready(bell_tag);
}

void process_worker::ready(int tag) noexcept {
  try {
    switch (tag) {
      case bell_tag:
        drain();
        pump();
        calls_->pump();
        break;
      case socket_tag: read_socket(); break;
      case exit_tag: over(); break;
    }
  } catch (const std::exception& e) {
    broke_protocol(e.what());
  }
}

void process_worker::read_socket() {
  std::byte bytes[4096];
  const auto n = recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    // It is ending, or has closed the descriptor: in either case nothing more can come.
    pool_->system().io().remove(socket_);
    apply(stop_action::kill);
    return;
  }
  control_.feed({bytes, static_cast<std::size_t>(n)});
  for (;;) {
    const auto next = control_.next();
    if (std::holds_alternative<std::monostate>(next)) return;
    if (const auto* error = std::get_if<std::string>(&next)) return broke_protocol(*error);
    const auto& f = std::get<frame>(next);
    if (!obey(f)) return broke_protocol(std::string{"unexpected message: "} + to_string(f.header.kind));
  }
}

//          | hello                | ready           | failed             | anything else
// started  | checked; greeted     | protocol broken | protocol broken    | protocol broken
// greeted  | protocol broken      | ready           | ended: initializer | protocol broken
// ready    | protocol broken      | protocol broken | protocol broken    | protocol broken
bool process_worker::obey(const frame& f) {
  switch (f.header.kind) {
    case frame_kind::hello: {
      if (hello_) return false;
      const auto h = decode<hello_message>(f.payload);
      if (h.identity != build_identity()) {
        broke_protocol("it is " +
                       printable(h.identity.data(), std::min(h.identity.size(), quoted_at_most)) +
                       ", the host is " + build_identity());
        return true;
      }
      hello_ = true;
      caf::anon_send(pool_->supervisor(), worker_said_hello{spec.id});
      return true;
    }
    case frame_kind::ready:
      if (!hello_ || is_ready_ || init_error) return false;
      is_ready_ = true;
      pool_->ready(*this, shared_from_this());
      caf::anon_send(pool_->supervisor(), worker_ready{spec.id});
      return true;
    case frame_kind::failed: {
      if (!hello_ || is_ready_ || init_error) return false;
      reader from{f.payload};
      init_error = load_exception(from, spec.name, pid_);
      apply(stop_action::kill);  // it has said all that it had to say
      return true;
    }
    default: return false;
  }
}

// One bad word and the worker is ended: nothing it says is repaired.
void process_worker::broke_protocol(std::string how) noexcept {
  if (std::exchange(broken_, true)) return;
  end.facts.detail = "it broke the protocol: " + std::move(how);
  apply(stop_action::kill);
}

void process_worker::unexpected(const frame_header& h) noexcept {
  broke_protocol(std::string{"unexpected frame: "} + to_string(h.kind) + " of slice " +
                 std::to_string(h.id));
}

// --- the end ---------------------------------------------------------------------------------

void process_worker::signal_group(int signal) noexcept {
  // Until it is reaped its pid, and so its group's number, cannot belong to anybody else.
  if (pidfd_ < 0 || reaped_) return;
  // (A host that reaps everything may have reaped it: then there is nothing to send to.)
  if (pidfd_send_signal(pidfd_, signal, nullptr, 0) == 0 && signal == SIGKILL) kill(-pid_, SIGKILL);
}

void process_worker::apply(stop_action action) noexcept {
  const std::lock_guard hold{out_mutex_};
  if (action == stop_action::kill || pidfd_ < 0) killed_ = true;
  switch (action) {
    case stop_action::kill: signal_group(SIGKILL); break;
    case stop_action::terminate: signal_group(SIGTERM); break;
    case stop_action::ask: {
      if (socket_ < 0 || reaped_) break;
      const auto stop = make_frame(frame_kind::stop, {});
      [[maybe_unused]] const auto n =
          send(socket_, stop.data(), stop.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      break;
    }
  }
}

// For want of the news of its death: looks again and again. It was killed, so not for long.
void process_worker::over_when_dead() noexcept {
  ready(exit_tag);
  if (!reaped_)
    pool_->system().io().post([self = shared_from_this()] { self->over_when_dead(); });
}

void process_worker::over() {
  auto& io = pool_->system().io();
  siginfo_t info{};
  // Still a zombie: now its group can be signalled, and what it wrote last be read.
  const bool ours =
      waitid(P_PIDFD, static_cast<id_t>(pidfd_), &info, WEXITED | WNOWAIT | WNOHANG) == 0;
  if (ours && info.si_pid == 0) return;  // not dead yet
  while (!broken_ && drain_some()) {
  }
  recover();
  auto& status = end.facts.status;
  {
    const std::lock_guard hold{out_mutex_};
    info = {};
    if (ours) kill(-pid_, SIGKILL);
    if (!ours || waitid(P_PIDFD, static_cast<id_t>(pidfd_), &info, WEXITED) != 0) {
      status.known = false;  // the host reaps children that are not its own
    } else if (info.si_code == CLD_EXITED) {
      status.code = info.si_status;
    } else {
      status.signal = info.si_status;
      status.core_dumped = info.si_code == CLD_DUMPED;
    }
    reaped_ = true;
  }
  calls_->over();
  const auto& words = region_.page()->words;
  const auto why = words.why.load();
  if (end.facts.detail.empty() && why == last_words::stack_overflow)
    end.facts.detail = "stack overflow";
  if (end.facts.detail.empty() && why == last_words::memory_limit &&
      pool_->options().memory_limit != 0) {
    end.facts.detail = "it went beyond its memory limit of " +
                       std::to_string(pool_->options().memory_limit) + " bytes";
    end.out_of_memory = true;
  }
  const auto length = std::min<std::size_t>(words.length.load(), sizeof words.text);
  end.facts.stderr_tail = printable(words.text, length);
  for (const int fd : {socket_, bell_, pidfd_}) io.remove(fd);
  close_all();
  caf::anon_send(proxy_, child_over{});
}

void process_worker::close_all() noexcept {
  const std::lock_guard hold{out_mutex_};
  for (int* fd : {&socket_, &bell_, &pidfd_})
    if (*fd >= 0) close(std::exchange(*fd, -1));
}

}  // namespace troupe::detail
