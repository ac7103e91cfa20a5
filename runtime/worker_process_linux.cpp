#include "runtime/worker_process.hpp"

#include "runtime/handshake.hpp"
#include "runtime/spawner.hpp"
#include "runtime/uplink.hpp"

#include <troupe/exception.hpp>
#include <troupe/function.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <malloc.h>
#include <memory>
#include <poll.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgot that it may be read by C++
}

namespace troupe::detail {

namespace {

// Where the link's descriptors are once they are out of the way: see move_up.
int socket_fd = worker_socket_fd;
int bell_fd = worker_bell_fd;

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "troupe worker %d: %s\n", static_cast<int>(getpid()), why.c_str());
  std::_Exit(70);  // EX_SOFTWARE
}

void send_control(frame_kind kind, std::span<const std::byte> payload) {
  const auto f = make_frame(kind, payload);
  auto rest = f.view();
  while (!rest.empty()) {
    const auto n = send(socket_fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) refuse("the host does not listen");
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
}

struct worker_process {
  shared_region region;
  worker_context self;
  frame_reader control{max_control_frame};
  std::uint64_t max_frame = default_max_frame;
  std::atomic<bool> stop{false};
  int host = -1;  // pidfd
};
worker_process* process = nullptr;  // one in a process; lives until its end

// The host is gone: nothing that we started may stay behind. Our process group bears our number,
// even if a task has made us join another.
[[noreturn]] void die_with_host() {
  kill(-getpid(), SIGKILL);
  std::_Exit(70);
}

void obey(const frame& f) {
  if (f.header.kind != frame_kind::stop) return;
  process->stop.store(true, std::memory_order_release);
  process->self.request_stop();
  process->region.page()->worker_bell.ring();
}

// Reads the socket: orders from the host, and its end, even while a task is busy, ignores signals
// or has closed the descriptor (what is under way goes on).
void* guard(void*) {
  std::byte bytes[4096];
  // Two ways to hear of the host's end: children that it forked may hold its end of the socket.
  pollfd news[] = {{socket_fd, POLLIN, 0}, {process->host, POLLIN, 0}};
  for (;;) {
    for (;;) {
      const auto next = process->control.next();
      if (std::holds_alternative<std::monostate>(next)) break;
      if (std::holds_alternative<std::string>(next)) die_with_host();
      obey(std::get<frame>(next));
    }
    if (poll(news, 2, -1) < 0) continue;
    if ((news[1].revents & POLLIN) != 0) die_with_host();
    if (news[1].revents != 0) news[1].fd = -1;  // a task has closed it
    if (news[0].revents == 0) continue;
    const auto n = recv(socket_fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) die_with_host();
    process->control.feed({bytes, static_cast<std::size_t>(n)});
  }
}

void start_guard() {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, 64 * 1024);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, &attr, guard, nullptr);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attr);
  if (error != 0) refuse("no thread to watch the host with");
  pthread_detach(thread);
}

welcome_message read_welcome() {
  std::byte bytes[4096];
  for (;;) {
    const auto next = process->control.next();
    if (const auto* error = std::get_if<std::string>(&next)) refuse(*error);
    if (const auto* f = std::get_if<frame>(&next)) {
      if (f->header.kind != frame_kind::welcome) refuse("the host's first word is no welcome");
      return decode<welcome_message>(f->payload);
    }
    const auto n = recv(socket_fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) std::_Exit(70);
    process->control.feed({bytes, static_cast<std::size_t>(n)});
  }
}

void limit(int resource, rlim_t value) {
  const rlimit l{value, value};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &l);
}

// Far from the numbers that files get which a task opens: one that closes them all, and then opens
// some, must not have us write into those.
int move_up(int fd) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const auto lowest = static_cast<int>(std::min<rlim_t>(files.rlim_cur, 1024)) - 16;
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, std::max(lowest, fd));
  if (moved < 0) return fd;
  close(fd);
  return moved;
}

// What a task asked for exceeds the memory limit: the heap is spent, so this worker is, too.
void out_of_memory() noexcept {
  say_last_words(process->region.page()->words, last_words::memory_limit, "");
  kill(getpid(), SIGKILL);
  pause();
}

void settle_in(const welcome_message& w) {
  limit(RLIMIT_CORE, 0);
  // Of two that could be killed for want of memory, the kernel shall take the worker.
  if (const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); fd >= 0) {
    [[maybe_unused]] const auto n = write(fd, "500", 3);
    close(fd);
  }
  prctl(PR_SET_NAME, w.worker_name.c_str());
  // Large values come and go with each task: keep their pages rather than fault them in anew.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  record_last_words(process->region.page()->words);
  if (w.memory_limit != 0) {
    limit(RLIMIT_DATA, w.memory_limit);
    on_bad_alloc.store(&out_of_memory);
  }
}

void initialize(const welcome_message& w) {
  if (!w.initializer.empty()) {
    try {
      decode<function<void()>>(std::as_bytes(std::span{w.initializer}))();
    } catch (...) {
      buffer b;
      buffer_sink to{b};
      writer out{to};
      save_current_exception(out);
      to.done();
      send_control(frame_kind::failed, b.view());
      std::_Exit(70);
    }
  }
  send_control(frame_kind::ready, {});
}

// --- the loop --------------------------------------------------------------------------------

class mailbox_loop {
 public:
  mailbox_loop()
      : page_(*process->region.page()), in_(page_.to_worker, process->region.to_worker()),
        out_(process->region, bell_fd) {}

  void run() {
    for (;;) {
      page_.worker_bell.wait([&] {
        return *in_.available() != 0 || process->stop.load(std::memory_order_acquire);
      });
      if (*in_.available() == 0) return;  // told to stop, and nothing left
      frame_header h;
      std::memcpy(&h, in_.at(), sizeof h);
      if (auto error = check(h, process->max_frame)) refuse(*error);
      if (h.kind != frame_kind::task) refuse(std::string{"unexpected frame: "} + to_string(h.kind));
      if (sizeof h + h.length <= ring_size) {
        task(h, {in_.at(sizeof h), h.length});
        consume(padded(sizeof h + h.length));
      } else {
        task(h, assemble(h.length));
        if (large_.capacity() > (std::size_t{64} << 20)) large_.reset();
      }
    }
  }

 private:
  void consume(std::size_t n) noexcept {
    in_.consume(n);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (page_.host_wants_room.load(std::memory_order_relaxed) != 0) out_.ring_host();
  }

  // A payload larger than the ring comes in pieces.
  std::span<const std::byte> assemble(std::uint64_t length) {
    in_.consume(sizeof(frame_header));
    large_.clear();
    large_.reserve(length);
    while (large_.size() < length) {
      page_.worker_bell.wait([&] { return *in_.available() != 0; });
      const auto n = std::min<std::size_t>(*in_.available(), padded(length - large_.size()));
      large_.append({in_.at(), std::min<std::size_t>(n, length - large_.size())});
      consume(n);
    }
    return large_.view();
  }

  void task(const frame_header& h, std::span<const std::byte> payload) {
    task_head t;
    if (payload.size() < sizeof t) refuse("a task without its head");
    std::memcpy(&t, payload.data(), sizeof t);
    auto& cursor = page_.cursors[t.slot % cursor_count];
    if (h.target != last_key_) {
      last_call_ = find_batch(h.target);
      last_key_ = h.target;
    }
    process->self.next_task();
    process->self.cursor = &cursor;
    out_.open(h.id, cursor);
    if ((h.flags & flag_tell_start) != 0 && cursor.limit() != 0) {
      out_.tell(frame_kind::started, h.id);
      out_.open(h.id, cursor);
    }
    answer a;
    clock_.start();
    {
      const keeping note{handles_, true};
      if (!run_slice(last_call_, cursor, payload.subspan(sizeof t), out_, a)) out_of_memory();
    }
    clock_.stop(a);
    hand_over(h.id);
    out_.close(a);
    process->self.cursor = nullptr;
  }

  // Handles in the results: the host has them before it has the last of the results.
  void hand_over(std::uint64_t slice) {
    for (const auto& k : handles_)
      to_host->tell(link_verb::attach, k->name().number, slice, 0, false);
    handles_.clear();
  }

  shared_page& page_;
  ring_reader in_;
  ring_sink out_;
  keepers handles_;
  buffer large_;
  task_clock clock_;
  std::uint64_t last_key_ = 0;
  const callable_entry* last_call_ = nullptr;
};

}  // namespace

// Before main, and before the program's own static objects, one of which may never be done.
[[gnu::constructor(101)]] void die_with_the_host_at_once() {
  const char* told = std::getenv(worker_variable);
  int format = 0, host = 0;
  if (told == nullptr || std::sscanf(told, "%d %d", &format, &host) != 2) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != host) std::_Exit(70);
}

bool in_worker_process() noexcept { return process != nullptr; }

void worker_main() {
  const char* told = std::getenv(worker_variable);
  int format = 0, host = 0;
  if (told == nullptr || std::sscanf(told, "%d %d", &format, &host) != 2 || format != 1)
    refuse("started by another version of Troupe");
  // The signal that wakes us if we are stopped when the host dies; the guard then does the rest.
  // Not SIGKILL: that would spare our own children.
  prctl(PR_SET_PDEATHSIG, SIGCONT);
  int host_fd = pidfd_open(host, 0);
  if (getppid() != host) std::_Exit(70);  // it died before that
  unsetenv(worker_variable);              // what we start is no worker
  for (const int fd : {worker_socket_fd, worker_memory_fd, worker_bell_fd})
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  for (int* fd : {&socket_fd, &bell_fd, &host_fd}) *fd = move_up(*fd);
  try {
    process = new worker_process;
    process->host = host_fd;
    const auto welcome = read_welcome();
    process->region = shared_region::open(worker_memory_fd);
    close(worker_memory_fd);
    process->max_frame = welcome.max_frame;
    to_host = new uplink{process->region, welcome.owner, bell_fd};
    auto& self = process->self;
    self.name = welcome.worker_name;
    self.id = welcome.worker_id;
    self.pid = getpid();
    self.parent_pid = welcome.host_pid;
    self.where = placement::process;
    current_worker = &self;
    start_guard();
    const hello_message hello{build_identity(), getpid()};
    send_control(frame_kind::hello, encoded(hello).view());
    if (welcome.identity != hello.identity)
      refuse("the host is " + welcome.identity + ", this program is " + hello.identity);
    settle_in(welcome);
    initialize(welcome);
    mailbox_loop{}.run();
  } catch (const std::exception& e) {
    refuse(e.what());
  }
  std::exit(0);  // with all that the program registered for its end; the host waits only so long
}

}  // namespace troupe::detail
