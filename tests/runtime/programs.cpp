#include "tests/runtime/programs.hpp"

#include "tests/runtime/support.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace support {

namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream{path, std::ios::binary}.rdbuf();
  return out.str();
}

}  // namespace

program::program(const std::string& name, std::vector<std::string> arguments) {
  const std::string path = TROUPE_PROGRAMS_DIR "/" + name;
  arguments.insert(arguments.begin(), path);
  std::vector<char*> argv;
  for (auto& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  posix_spawn_file_actions_adddup2(&files, out[1], 2);
  const int error = posix_spawn(&pid_, path.c_str(), &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(out[1]);
  out_ = out[0];
  if (error != 0) throw std::runtime_error{path + ": " + strerror(error)};
}

program::~program() {
  if (!ended_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
}

void program::signal(int number) const { kill(pid_, number); }

std::string program::end() {
  int status = 0;
  ended_ = eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, 60s);
  if (!ended_) return "hangs";
  return WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status))
                           : "signal " + std::to_string(WTERMSIG(status));
}

std::string program::output() {
  std::string all;
  char bytes[4096];
  for (pollfd p{out_, POLLIN, 0}; poll(&p, 1, 20'000) == 1;) {
    const auto n = read(out_, bytes, sizeof bytes);
    if (n <= 0) break;
    all.append(bytes, static_cast<std::size_t>(n));
  }
  return all;
}

orphanage::orphanage() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
orphanage::~orphanage() { prctl(PR_SET_CHILD_SUBREAPER, 0); }

std::vector<int> orphanage::pids(int but) const {
  const std::string cookie = std::string{"TROUPE_TEST_COOKIE="} + std::getenv("TROUPE_TEST_COOKIE") + '\0';
  const std::string dead = ") Z " + std::to_string(getpid());
  std::vector<int> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0 || pid == getpid() || pid == but) continue;
    if (contents(entry.path() / "environ").find(cookie) != std::string::npos) found.push_back(pid);
    else if (contents(entry.path() / "stat").find(dead) != std::string::npos) waitpid(pid, nullptr, WNOHANG);
  }
  return found;
}

std::vector<std::string> orphanage::alive(int but) const {
  std::vector<std::string> lines;
  for (const int pid : pids(but)) {
    auto line = contents("/proc/" + std::to_string(pid) + "/cmdline");
    std::replace(line.begin(), line.end(), '\0', ' ');
    lines.push_back(std::to_string(pid) + " " + line);
  }
  return lines;
}

void orphanage::kill_all() const {
  eventually([&] {
    for (const int pid : pids(0)) kill(pid, SIGKILL);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return errno == ECHILD;
  });
}

}  // namespace support
