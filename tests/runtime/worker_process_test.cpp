// Tasks that misuse the process they run in: the pool goes on, the host is untouched, and what they
// started ends with their worker.
#include "tests/runtime/support.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace support;
namespace fs = std::filesystem;

namespace {

class Mischief : public clean_test {
 protected:
  void SetUp() override {
    clean_test::SetUp();
    pool_.emplace(pool({.workers = 2, .grace = 100ms}));
  }
  void TearDown() override {
    const auto all = pool_->map<square>({1, 2, 3, 4, 5, 6, 7, 8});
    EXPECT_EQ(all, (std::vector{1, 4, 9, 16, 25, 36, 49, 64}));
    pool_.reset();
    clean_test::TearDown();
  }
  /// It gives 1, or costs its worker; it does not hang.
  void expect_end(const troupe::future<int>& f) {
    ASSERT_TRUE(f.wait_for(20s));
    const auto error = f.error();
    if (error) EXPECT_TRUE(is<troupe::worker_lost>(error)) << what(error);
    else EXPECT_EQ(f.get(), 1);
  }
  std::optional<troupe::pool> pool_;
};

std::vector<int> open_descriptors() {
  std::vector<int> all;
  for (const auto& e : fs::directory_iterator("/proc/self/fd")) all.push_back(std::atoi(e.path().filename().c_str()));
  return all;
}

int scribble(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  for (int round = 0; round < 20; ++round)
    for (const int fd : open_descriptors()) {
      if (fd <= 2) continue;
      std::uint64_t words[8];
      for (auto& w : words) w = random();
      fcntl(fd, F_SETFL, O_NONBLOCK);
      [[maybe_unused]] const auto n = write(fd, words, 1 + random() % sizeof words);
    }
  return 1;
}

int read_one_byte() {
  char c;
  return static_cast<int>(read(STDIN_FILENO, &c, 1));
}
TEST_F(Mischief, AWorkersInputIsEmpty) { EXPECT_EQ(pool_->submit<read_one_byte>().get(20s), 0); }

TEST_F(Mischief, RandomBytesToEveryDescriptorCostTheWorkerAtMost) {
  auto random = random_source();
  for (int i = 0; i < 8; ++i) expect_end(pool_->submit<scribble>(random()));
}

int fill_counters() {
  for (const int fd : open_descriptors()) {
    const std::uint64_t most = ~std::uint64_t{1};
    std::error_code gone;  // the descriptor of the listing itself
    if (fs::read_symlink("/proc/self/fd/" + std::to_string(fd), gone).string().find("eventfd") != std::string::npos)
      for (int i = 0; i < 2; ++i) [[maybe_unused]] const auto n = write(fd, &most, sizeof most);
  }
  return 1;
}

TEST_F(Mischief, ADoorbellThatIsFullIsRungAllTheSame) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(pool_->submit<fill_counters>().get(), 1);
}

int close_and_open(const std::string& path) {
  close_range(3, ~0U, 0);
  for (int i = 0; i < 30; ++i) open(path.c_str(), O_RDWR | O_CREAT, 0600);
  return 1;
}

TEST_F(Mischief, FilesInPlaceOfItsDescriptorsAreNotWrittenTo) {
  for (int i = 0; i < 4; ++i) expect_end(pool_->submit<close_and_open>(file("own")));
  EXPECT_EQ(fs::file_size(file("own")), 0U);
}

int change_everything(const std::string& directory) {
  fs::current_path(directory);
  umask(0777);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  for (int s = 1; s < NSIG; ++s) std::signal(s, SIG_IGN);
  clearenv();
  std::set_terminate(std::abort);
  const rlimit few{32, 32};
  setrlimit(RLIMIT_NOFILE, &few);
  return 1;
}

// It stays so until the worker is replaced; what ends a worker works all the same.
TEST_F(Mischief, AChangedProcessGoesOnServing) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(pool_->submit<change_everything>("/").get(), 1);
}

int start_sleep(int forks) {
  int pids[2];
  if (pipe(pids) != 0) return 0;
  pid_t child = fork();
  if (child == 0) {
    if (forks == 2 && fork() != 0) _exit(0);
    const pid_t self = getpid();
    [[maybe_unused]] const auto n = write(pids[1], &self, sizeof self);
    execlp("sleep", "sleep", "1000", nullptr);
    _exit(127);
  }
  [[maybe_unused]] const auto n = read(pids[0], &child, sizeof child);
  close(pids[0]);
  close(pids[1]);
  return child;
}
bool runs(int pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
  std::string number, name, state;
  in >> number >> name >> state;
  return in && state != "Z" && state != "X";
}

TEST_F(Mischief, WhatATaskLeftRunningEndsWithItsWorker) {
  auto p = pool({.workers = 1, .max_tasks_per_worker = 2});
  for (int i = 0; i < 5; ++i) {
    const int one = p.submit<start_sleep>(1).get(), two = p.submit<start_sleep>(2).get();
    EXPECT_TRUE(eventually([&] { return !runs(one) && !runs(two); }));
  }
}

int start_sleep_and_die(const std::string& path) {
  std::ofstream{path} << start_sleep(2) << std::flush;
  raise(SIGKILL);
  return 0;
}

TEST_F(Mischief, WhatATaskLeftRunningEndsWithAWorkerThatIsKilled) {
  EXPECT_TRUE(is<troupe::worker_lost>(pool_->submit<start_sleep_and_die>(file("pid")).error()));
  int pid = 0;
  std::ifstream{file("pid")} >> pid;
  EXPECT_GT(pid, 0);
  EXPECT_TRUE(eventually([&] { return !runs(pid); }));
}

// It shares the worker's memory, and with it the ring.
int leave_a_copy() {
  if (fork() == 0)
    for (;;) pause();
  return 1;
}

TEST_F(Mischief, ACopyOfTheWorkerEndsWithIt) {
  auto p = pool({.workers = 1, .max_tasks_per_worker = 1});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(p.submit<leave_a_copy>().get(), 1);
}

int join_the_hosts_group() { return setpgid(0, getpgid(getppid())) == 0 ? 1 : 0; }

TEST_F(Mischief, AWorkerThatJoinedTheHostsProcessGroupEndsAlone) {
  auto p = pool({.workers = 2, .grace = 100ms});
  for (int i = 0; i < 6; ++i) EXPECT_EQ(p.submit<join_the_hosts_group>().get(), 1);
  p.terminate();
  p.join();
}

}  // namespace
