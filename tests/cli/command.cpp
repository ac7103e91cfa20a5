#include "tests/cli/command.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cctype>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

extern char** environ;

namespace cli_test {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct process {
  pid_t pid = 0, parent = 0, session = 0;
  char state = '?';
  unsigned long ticks = 0;
};

// From /proc/PID/stat, behind the name, which may hold anything.
bool read_process(const std::string& pid, process& p) {
  std::ostringstream read;  // (an iterator would throw if the process has ended since)
  read << std::ifstream{"/proc/" + pid + "/stat"}.rdbuf();
  const auto text = read.str();
  const auto end = text.rfind(')');
  if (end == std::string::npos) return false;
  std::istringstream rest{text.substr(end + 1)};
  std::string skipped;
  pid_t group = 0;
  rest >> p.state >> p.parent >> group >> p.session;
  for (int i = 0; i < 7; ++i) rest >> skipped;
  rest >> p.ticks;
  p.pid = static_cast<pid_t>(std::stol(pid));
  return static_cast<bool>(rest);
}

std::vector<process> processes(const std::function<bool(const process&)>& wanted) {
  std::vector<process> all;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    const auto name = entry.path().filename().string();
    process p;
    if (std::isdigit(static_cast<unsigned char>(name[0])) != 0 && read_process(name, p) &&
        wanted(p))
      all.push_back(p);
  }
  return all;
}

std::vector<pid_t> pids(const std::vector<process>& all) {
  std::vector<pid_t> list;
  for (const auto& p : all) list.push_back(p.pid);
  return list;
}

struct spawn_attributes {
  posix_spawnattr_t a;
  spawn_attributes() {
    posix_spawnattr_init(&a);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&a, &none);
    posix_spawnattr_setsigdefault(&a, &all);
    posix_spawnattr_setflags(&a,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~spawn_attributes() { posix_spawnattr_destroy(&a); }
};

}  // namespace

bool eventually(const std::function<bool()>& holds, double seconds) {
  const auto until = clock::now() + std::chrono::duration<double>(seconds);
  while (!holds()) {
    if (clock::now() > until) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

running::running(const arguments& argv, terminal t) : began_(clock::now()) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  int out = -1, err = -1;
  if (t == terminal::yes) {
    std::string slave;
    open_terminal(slave);
    // The first terminal that a session's leader opens becomes the session's own.
    posix_spawn_file_actions_addopen(&files, 0, slave.c_str(), O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&files, 0, 1);
    posix_spawn_file_actions_adddup2(&files, 0, 2);
  } else {
    open_pipes(out, err);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_adddup2(&files, err, 2);
  }
  // A test that lowers the limit of descriptors counts on none but these three.
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  std::vector<char*> pointers;
  for (const auto& a : argv) pointers.push_back(const_cast<char*>(a.c_str()));
  pointers.push_back(nullptr);
  const spawn_attributes attributes;
  if (const int error =
          posix_spawn(&pid_, pointers[0], &files, &attributes.a, pointers.data(), environ))
    ADD_FAILURE() << argv[0] << ": " << std::strerror(error);
  posix_spawn_file_actions_destroy(&files);
  for (const int fd : {out, err})
    if (fd >= 0) close(fd);
}

void running::open_pipes(int& out, int& err) {
  int a[2], b[2];
  if (pipe2(a, O_CLOEXEC) != 0 || pipe2(b, O_CLOEXEC) != 0) std::abort();
  out_ = a[0];
  err_ = b[0];
  out = a[1];
  err = b[1];
}

void running::open_terminal(std::string& slave) {
  out_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (out_ < 0 || grantpt(out_) != 0 || unlockpt(out_) != 0) std::abort();
  slave = ptsname(out_);
}

running::~running() {
  if (!reaped_) wait();
  close_stdout();
  if (err_ >= 0) close(err_);
}

std::vector<pid_t> running::workers() const {
  return pids(processes([&](const process& p) { return p.parent == pid_ && p.state != 'Z'; }));
}

std::vector<pid_t> running::busy_workers() const {
  return pids(processes([&](const process& p) { return p.parent == pid_ && p.ticks >= 5; }));
}

bool running::is_at_work() const {
  return !processes([&](const process& p) {
            return (p.pid == pid_ || p.parent == pid_) && p.ticks >= 10;
          }).empty();
}

void running::signal(int number) const { kill(pid_, number); }

void running::type(const std::string& keys) {
  if (write(out_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) std::abort();
}

void running::close_stdout() {
  if (out_ >= 0) close(out_);
  out_ = -1;
}

// Reads what there is; false: both ends are closed.
bool running::pump(int milliseconds) {
  pollfd fds[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  if (out_ < 0 && err_ < 0) return false;
  poll(fds, 2, milliseconds);
  for (int i = 0; i < 2; ++i) {
    if (fds[i].fd < 0 || fds[i].revents == 0) continue;
    char bytes[4096];
    const auto n = read(fds[i].fd, bytes, sizeof bytes);
    if (n > 0) {
      (i == 0 ? got_.out : got_.err).append(bytes, static_cast<std::size_t>(n));
      continue;
    }
    close(fds[i].fd);  // a terminal without users fails to be read
    (i == 0 ? out_ : err_) = -1;
  }
  return true;
}

bool running::says(const std::string& text) {
  const auto there = [&] {
    return got_.out.find(text) != std::string::npos || got_.err.find(text) != std::string::npos;
  };
  const auto until = clock::now() + 30s;
  while (!there() && clock::now() < until && pump(50)) {
  }
  return there();
}

finished running::wait() {
  const auto until = clock::now() + 60s;
  int status = 0;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (!pump(10)) std::this_thread::sleep_for(2ms);
    if (clock::now() < until) continue;
    ADD_FAILURE() << "the command does not end; it said: " << got_.out << got_.err;
    kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
    break;
  }
  reaped_ = true;
  got_.seconds = std::chrono::duration<double>(clock::now() - began_).count();
  const auto left = [&] {
    return processes([&](const process& p) { return p.session == pid_ && p.state != 'Z'; });
  };
  EXPECT_TRUE(eventually([&] { return left().empty(); }, 10)) << "processes are left behind";
  for (const auto& p : left()) kill(p.pid, SIGKILL);
  while (pump(50)) {
  }
  got_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return got_;
}

arguments command(const arguments& args) {
  arguments argv{TROUPE_CLI_PATH};
  argv.insert(argv.end(), args.begin(), args.end());
  return argv;
}

finished troupe(const arguments& args) { return running{command(args)}.wait(); }

finished shell(const std::string& line) {
  return running{{"/bin/sh", "-c", line, TROUPE_CLI_PATH}}.wait();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace cli_test
