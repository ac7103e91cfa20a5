#include "runtime/cli/interrupts.hpp"

#include "runtime/cli/exit_code.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace troupe::cli {

namespace {

constexpr int patience_ms = 2000;

// A blocked signal reaches a signalfd even if it is set to be ignored: so it is left out here.
sigset_t signals_to_take() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction now {};
    if (sigaction(signal, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) sigaddset(&set, signal);
  }
  return set;
}

int checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error{errno, std::generic_category(), what};
  return fd;
}

}  // namespace

interrupts::interrupts(std::function<void(int)> tell) : tell_(std::move(tell)) {
  const auto set = signals_to_take();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = checked(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
  end_ = checked(eventfd(0, EFD_CLOEXEC), "eventfd");
  thread_ = std::thread{[this] { watch(); }};
}

interrupts::~interrupts() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = write(end_, &one, sizeof one);
  thread_.join();
  close(end_);
  close(signals_);
}

void interrupts::watch() {
  for (;;) {
    pollfd fds[] = {{signals_, POLLIN, 0}, {end_, POLLIN, 0}};
    const int n = poll(fds, 2, count() >= 2 ? patience_ms : -1);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) _exit(exit_code::signalled + signal());
    if (fds[1].revents != 0) return;
    take_one();
  }
}

void interrupts::take_one() {
  signalfd_siginfo info{};
  if (read(signals_, &info, sizeof info) != sizeof info) return;
  int none = 0;
  signal_.compare_exchange_strong(none, static_cast<int>(info.ssi_signo));
  const int n = ++count_;
  if (n >= 3) _exit(exit_code::signalled + signal());
  tell_(n);
}

}  // namespace troupe::cli
