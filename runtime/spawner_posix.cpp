#include "runtime/spawner.hpp"

#include "runtime/reactor.hpp"

#include <troupe/error.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace troupe::detail {

namespace {

// The host's environment, less what is ours, plus what this worker is told.
std::vector<std::string> worker_environment() {
  std::vector<std::string> env;
  int depth = 0;
  const std::string worker = std::string{worker_variable} + "=";
  const std::string deep = std::string{depth_variable} + "=";
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) {
    const std::string_view entry{*e};
    if (entry.starts_with(deep)) depth = std::atoi(*e + deep.size());
    else if (!entry.starts_with(worker)) env.emplace_back(entry);
  }
  if (depth >= deepest_host)
    throw usage_error{"worker processes that start worker processes are nested " +
                      std::to_string(depth) +
                      " deep: is a pool made before main calls troupe::init, or by each task?"};
  env.push_back(deep + std::to_string(depth + 1));
  env.push_back(worker + "1 " + std::to_string(getpid()));
  return env;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> p;
  for (auto& s : strings) p.push_back(s.data());
  p.push_back(nullptr);
  return p;
}

class file_actions {
 public:
  file_actions() { check(posix_spawn_file_actions_init(&a_)); }
  ~file_actions() { posix_spawn_file_actions_destroy(&a_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  void place(int from, int to) { check(posix_spawn_file_actions_adddup2(&a_, from, to)); }
  void read(int to, const char* path) {
    check(posix_spawn_file_actions_addopen(&a_, to, path, O_RDONLY, 0));
  }
  void close_from(int fd) { check(posix_spawn_file_actions_addclosefrom_np(&a_, fd)); }
  posix_spawn_file_actions_t* get() noexcept { return &a_; }
  static void check(int error) {
    if (error != 0) throw start_error{std::string{"preparing a worker process: "} + strerror(error), error, ""};
  }

 private:
  posix_spawn_file_actions_t a_;
};

class attributes {
 public:
  attributes() {
    file_actions::check(posix_spawnattr_init(&a_));
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&a_, &none);
    posix_spawnattr_setsigdefault(&a_, &all);
    posix_spawnattr_setpgroup(&a_, 0);
    posix_spawnattr_setflags(&a_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                      POSIX_SPAWN_SETSIGDEF);
  }
  ~attributes() { posix_spawnattr_destroy(&a_); }
  attributes(const attributes&) = delete;
  attributes& operator=(const attributes&) = delete;
  const posix_spawnattr_t* get() const noexcept { return &a_; }

 private:
  posix_spawnattr_t a_;
};

// A copy beyond the numbers that the child's descriptors get, so that none is overwritten.
class high_copy {
 public:
  explicit high_copy(int fd) : fd_(fcntl(fd, F_DUPFD_CLOEXEC, worker_bell_fd + 1)) {
    if (fd_ < 0) file_actions::check(errno);
  }
  ~high_copy() { close(fd_); }
  high_copy(const high_copy&) = delete;
  high_copy& operator=(const high_copy&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::string own_program() {
  std::string path(4096, '\0');
  const auto n = readlink("/proc/self/exe", path.data(), path.size());
  path.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return path;
}

int spawn_worker(const spawn_request& r) {
  // Through /proc the very file is meant that runs here, even if it was replaced or deleted.
  const std::string program = r.program.empty() ? "/proc/self/exe" : r.program;
  const std::string shown = r.program.empty() ? own_program() : r.program;
  auto env = worker_environment();
  std::vector<std::string> args{shown, "--troupe-worker=" + r.name};
  const high_copy socket{r.socket}, memory{r.memory}, bell{r.bell};
  file_actions files;
  files.read(0, "/dev/null");
  files.place(socket.get(), worker_socket_fd);
  files.place(memory.get(), worker_memory_fd);
  files.place(bell.get(), worker_bell_fd);
  files.close_from(worker_bell_fd + 1);
  const attributes attr;
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program.c_str(), files.get(), attr.get(),
                                pointers(args).data(), pointers(env).data());
  if (error != 0)
    throw start_error{"worker " + r.name + " could not be started from " + shown + ": " +
                          strerror(error),
                      error, shown};
  return pid;
}

spawner::spawner() : thread_(start_thread("troupe-spawner", [this] { run(); })) {}

spawner::~spawner() {
  {
    const std::lock_guard hold{mutex_};
    stop_ = true;
  }
  more_.notify_one();
  thread_.join();
}

void spawner::post(std::function<void()> work) {
  {
    const std::lock_guard hold{mutex_};
    work_.push_back(std::move(work));
  }
  more_.notify_one();
}

void spawner::run() {
  std::unique_lock hold{mutex_};
  for (;;) {
    more_.wait(hold, [&] { return stop_ || !work_.empty(); });
    if (work_.empty()) return;
    auto next = std::move(work_.front());
    work_.pop_front();
    hold.unlock();
    next();
    next = nullptr;
    hold.lock();
  }
}

}  // namespace troupe::detail
