#include "runtime/reactor.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace troupe::detail {

signals_blocked::signals_blocked() noexcept {
  static_assert(sizeof before_ >= sizeof(sigset_t));
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, reinterpret_cast<sigset_t*>(before_));
}

signals_blocked::~signals_blocked() {
  pthread_sigmask(SIG_SETMASK, reinterpret_cast<const sigset_t*>(before_), nullptr);
}

std::thread start_thread(const char* name, std::function<void()> body) {
  // The new thread inherits the mask: so it never takes a signal, not even at its start.
  const signals_blocked scope;
  std::thread t{std::move(body)};
  pthread_setname_np(t.native_handle(), name);
  return t;
}

reactor::reactor() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event e{.events = EPOLLIN | EPOLLET, .data = {.fd = wake_}};
  if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &e) != 0) {
    const int error = errno;
    close(epoll_);
    close(wake_);
    throw std::system_error{error, std::generic_category(), "setting up the reactor"};
  }
  try {
    thread_ = start_thread("troupe-reactor", [this] { run(); });
  } catch (...) {
    close(epoll_);
    close(wake_);
    throw;
  }
}

reactor::~reactor() {
  post([this] { stop_ = true; });
  thread_.join();
  close(epoll_);
  close(wake_);
}

void reactor::post(std::function<void()> fn) {
  {
    const std::lock_guard hold{mutex_};
    posted_.push_back(std::move(fn));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = write(wake_, &one, sizeof one);
}

void reactor::add(int fd, std::shared_ptr<watcher> who, int tag, bool edge) {
  epoll_event e{.events = EPOLLIN | (edge ? EPOLLET : 0U), .data = {.fd = fd}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &e) != 0)
    throw std::system_error{errno, std::generic_category(), "watching a descriptor"};
  watched_[fd] = {std::move(who), tag};
}

void reactor::remove(int fd) noexcept {
  if (watched_.erase(fd) != 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void reactor::run_posted() {
  std::vector<std::function<void()>> batch;
  {
    const std::lock_guard hold{mutex_};
    batch.swap(posted_);
  }
  for (auto& fn : batch) fn();
}

void reactor::run() {
  std::array<epoll_event, 64> events;
  while (!stop_) {
    const int n = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == wake_) {
        run_posted();
        continue;
      }
      // An earlier event of this round may have removed it.
      const auto at = watched_.find(fd);
      if (at == watched_.end()) continue;
      const auto who = at->second.who;
      who->ready(at->second.tag);
    }
  }
}

}  // namespace troupe::detail
