#include "runtime/command.hpp"

#include "runtime/command_start.hpp"
#include "runtime/park.hpp"
#include "runtime/process_tree.hpp"
#include "runtime/worker_process.hpp"

#include <troupe/this_worker.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stop_token>
#include <utility>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgot that it may be read by C++
}

namespace troupe::detail {

namespace {

constexpr std::size_t read_at_once = 32 * 1024;

// Readable once the task that runs here is asked to stop; nowhere else.
class stop_bell {
 public:
  explicit stop_bell(const arguments& argv) {
    auto token = this_worker::stop_token();
    if (!token.stop_possible()) return;
    bell_ = descriptor{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!bell_) cannot_start(argv, " for want of an eventfd", errno, argv[0]);
    callback_.emplace(std::move(token), ring{bell_.get()});
  }
  int get() const noexcept { return bell_.get(); }

 private:
  struct ring {
    int bell;
    void operator()() const noexcept { eventfd_write(bell, 1); }
  };
  descriptor bell_;
  std::optional<std::stop_callback<ring>> callback_;  // gone before the bell is
};

enum class ending { its_own, timeout, stopped };

class command {
 public:
  command(const arguments& argv, const command_options& o, captured_streams captured);
  ~command() {
    if (!reaped_) end();
  }
  command(const command&) = delete;
  command& operator=(const command&) = delete;

  /// Reads what it prints until it has ended, or has to.
  ending wait(completed_process& into, steady_time until, const stop_bell& bell);
  /// Kills it, if it still runs, and all of its group.
  exit_status end() noexcept;
  /// What lies in the pipes by now.
  void read_rest(completed_process& into);

 private:
  void kill_all() noexcept;
  exit_status reap() noexcept;

  bool own_group_;
  int pid_ = -1;
  descriptor pidfd_, out_, err_;
  bool over_ = false;  // ended by itself, and so has all that held its streams
  bool reaped_ = false;
};

command::command(const arguments& argv, const command_options& o, captured_streams captured)
    : own_group_(!in_worker_process() && (o.input || isatty(STDIN_FILENO) == 0)) {
  pipe_ends out, err;
  if (captured.out) out.open(argv);
  if (captured.err) err.open(argv);
  pid_ = start_command(argv, o, out.write, err.write, own_group_);
  out_ = std::move(out.read);
  err_ = std::move(err.read);
  // One that is not there any more was reaped by the host; its group's number is then not ours.
  pidfd_ = descriptor{pidfd_open(pid_, 0)};
  if (pidfd_ || errno == ESRCH) return;
  const int error = errno;
  kill(own_group_ ? -pid_ : pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  cannot_start(argv, " for want of a pidfd", error, argv[0]);
}

void read_some(descriptor& from, std::string& to) {
  std::array<char, read_at_once> bytes;
  const auto n = ::read(from.get(), bytes.data(), bytes.size());
  if (n > 0) to.append(bytes.data(), static_cast<std::size_t>(n));
  else if (n == 0 || (errno != EINTR && errno != EAGAIN)) from.close();
}

// EINTR counts as news of which there is none.
int poll_until(pollfd* fds, nfds_t n, steady_time until) {
  for (nfds_t i = 0; i < n; ++i) fds[i].revents = 0;
  if (until == never) return ppoll(fds, n, nullptr, nullptr);
  const auto left = std::max((until - std::chrono::steady_clock::now()).count(), std::int64_t{0});
  const timespec t{left / 1'000'000'000, left % 1'000'000'000};
  return ppoll(fds, n, &t, nullptr);
}

ending command::wait(completed_process& into, steady_time until, const stop_bell& bell) {
  while (out_ || err_ || pidfd_) {
    // While there is something to read, its own end is no news.
    const int end = out_ || err_ ? -1 : pidfd_.get();
    pollfd fds[] = {
        {out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}, {end, POLLIN, 0}, {bell.get(), POLLIN, 0}};
    if (poll_until(fds, 4, until) == 0) return ending::timeout;
    if (fds[3].revents != 0) return ending::stopped;
    if (fds[0].revents != 0) read_some(out_, into.out);
    if (fds[1].revents != 0) read_some(err_, into.err);
    if (fds[2].revents != 0) break;
  }
  over_ = true;
  return ending::its_own;
}

void command::read_rest(completed_process& into) {
  // No more than is there now: somebody who escaped may go on writing.
  const auto read_all = [](descriptor& from, std::string& to) {
    int left = 0;
    if (from) ioctl(from.get(), FIONREAD, &left);
    const auto enough = to.size() + static_cast<std::size_t>(left);
    while (from && to.size() < enough) read_some(from, to);
  };
  read_all(out_, into.out);
  read_all(err_, into.err);
}

// Until it is reaped its number, and so its group's, cannot belong to anybody else.
void command::kill_all() noexcept {
  if (pidfd_send_signal(pidfd_.get(), 0, nullptr, 0) != 0) return;  // the host has reaped it
  if (own_group_) kill(-pid_, SIGKILL);
  else kill_tree(pid_);
}

exit_status command::end() noexcept {
  if (pidfd_ && !over_) kill_all();
  return reap();
}

exit_status command::reap() noexcept {
  exit_status status;
  siginfo_t info{};
  int result = -1;
  while (pidfd_) {
    result = waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED);
    if (result == 0 || errno != EINTR) break;
  }
  reaped_ = true;
  if (result != 0) {
    status.known = false;  // the host reaps children that are not its own
  } else if (info.si_code == CLD_EXITED) {
    status.code = info.si_status;
  } else {
    status.signal = info.si_status;
    status.core_dumped = info.si_code == CLD_DUMPED;
  }
  return status;
}

[[noreturn]] void throw_stopped(const arguments& argv) {
  throw cancelled_error{"command '" + shown_command(argv) +
                        "' was killed: its task was asked to stop"};
}

}  // namespace

completed_process run_command(std::vector<std::string> argv, const command_options& options,
                              captured_streams captured) {
  completed_process p{.argv = std::move(argv)};
  if (this_worker::stop_requested()) throw_stopped(p.argv);
  const auto until = time_after(options.timeout);
  const stop_bell bell{p.argv};
  command c{p.argv, options, captured};
  const auto how = c.wait(p, until, bell);
  p.status = c.end();
  if (how == ending::stopped) throw_stopped(p.argv);
  if (how == ending::timeout) {
    c.read_rest(p);
    throw command_timeout{std::move(p), options.timeout};
  }
  if (options.check && !p.status.ok()) throw called_process_error{std::move(p)};
  return p;
}

}  // namespace troupe::detail
