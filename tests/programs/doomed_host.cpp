// A host with eight workers that ends in the way it is told.
// Usage: doomed_host DIRECTORY TASK END
// Each task leaves a mark in DIRECTORY/marks once it runs; END "wait" leaves the end to the test.
#include <troupe/troupe.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace {

void mark(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  [[maybe_unused]] const auto n = write(fd, "x", 1);
  close(fd);
}

pid_t start_sleep() {
  const pid_t child = fork();
  if (child == 0) {
    execlp("sleep", "sleep", "1000", nullptr);
    _exit(127);
  }
  return child;
}

// What a busy worker may be at when its host dies.
int work(const std::string& how, const std::string& marks) {
  if (how == "deaf") {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    for (int s = 1; s < NSIG; ++s) signal(s, SIG_IGN);
  }
  if (how == "family") start_sleep();
  if (how == "double_fork") {
    if (const pid_t middle = fork(); middle == 0) {
      start_sleep();
      _exit(0);
    } else {
      waitpid(middle, nullptr, 0);
    }
  }
  if (how == "fork_only") {
    if (fork() == 0)
      for (;;) pause();
  }
  mark(marks);
  // Only now: a host that sees its socket closed may kill this worker before it leaves its mark.
  if (how == "descriptors") close_range(0, ~0U, 0);
  if (how == "stopped") raise(SIGSTOP);
  if (how == "sleeping") usleep(1'000'000'000);
  for (volatile int i = 0; how != "sleeping";) i = i + 1;
  return 0;
}

void end(const std::string& how, char** argv) {
  volatile int* volatile nowhere = nullptr;
  if (how == "SIGSEGV") *nowhere = 1;
  if (how == "abort") std::abort();
  if (how == "_exit") _exit(3);
  if (how == "quick_exit") std::quick_exit(3);
  if (how == "exec") {
    argv[2] = const_cast<char*>("nothing");
    argv[3] = const_cast<char*>("wait");
    execv("/proc/self/exe", argv);
  }
  // A child that is not ours and holds all that the host had open.
  if (how == "fork") fork();
  for (;;) pause();
}

// A static object of the program that is never done, in a worker of a pool named stuck.
[[gnu::constructor]] void start_for_ever(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]}.starts_with("--troupe-worker=stuck"))
    for (;;) pause();
}

}  // namespace

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  if (argc != 4) return 2;
  const std::string directory = argv[1], task = argv[2], how = argv[3];
  const auto marks = directory + "/marks";
  if (task == "nothing") {
    mark(directory + "/again");
    end(how, argv);
  }
  troupe::system sys;
  if (task == "spawning") {
    for (;;) {
      troupe::pool p{sys, {.workers = 4}};
      mark(marks);
    }
  }
  troupe::pool p{sys, {.workers = 8, .name = task == "stuck" ? task : "", .grace = std::chrono::hours{1}}};
  for (int i = 0; i < 8; ++i) {
    if (task == "idle") mark(marks);
    else p.submit<work>(task, marks);
  }
  while (!std::filesystem::exists(marks) || std::filesystem::file_size(marks) < 8) usleep(1000);
  if (how == "shutdown") {
    mark(directory + "/ending");
    p.terminate();
    p.join();
  }
  end(how, argv);
}
