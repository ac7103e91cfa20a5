// Commands in hosts of all kinds.
#include "tests/runtime/support.hpp"

#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace support;
using testing::HasSubstr;
using troupe::check_output;
using troupe::run;

namespace {

using words = std::vector<std::string>;

words sh(const std::string& script) { return {"sh", "-c", script}; }

class CommandHost : public clean_test {};

TEST_F(CommandHost, AHostMayHaveClosedItsStreams) {
  std::vector<int> kept;
  for (const int fd : {0, 1, 2}) kept.push_back(fcntl(fd, F_DUPFD_CLOEXEC, 10));
  for (const int fd : {0, 1, 2}) close(fd);
  troupe::completed_process p;
  const auto error = thrown_by([&] {
    p = run(sh("cat; echo heard >&2"), {.capture = true, .input = "seen"});
  });
  for (const int fd : {0, 1, 2}) dup2(kept[static_cast<std::size_t>(fd)], fd);
  for (const int fd : kept) close(fd);
  EXPECT_EQ(what(error), "no error");
  EXPECT_EQ(p.out, "seen");
  EXPECT_EQ(p.err, "heard\n");
}

TEST_F(CommandHost, AHostThatReapsEverythingMissesTheStatusOnly) {
  const auto old = std::signal(SIGCHLD, SIG_IGN);
  const auto p = run(sh("echo seen; exit 3"), {.capture = true});
  const auto error = thrown_by([] { run({"true"}, {.check = true}); });
  std::signal(SIGCHLD, old);
  EXPECT_EQ(p.out, "seen\n");
  EXPECT_FALSE(p.status.known);
  EXPECT_EQ(what(error), "command 'true' ended, its exit status unknown");
}

TEST_F(CommandHost, WantOfDescriptorsIsAnErrorAndLeavesNothingBehind) {
  // The sanitizer itself opens pipes to look at memory, and takes it for bad if it cannot.
  if (under_asan) GTEST_SKIP() << "it needs descriptors itself";
  std::vector<int> taken;
  for (int fd; (fd = fcntl(0, F_DUPFD_CLOEXEC, 3)) >= 0 && taken.size() < 100000;) taken.push_back(fd);
  if (taken.size() >= 100000) {
    for (const int fd : taken) close(fd);
    GTEST_SKIP() << "there are too many descriptors to use them all up";
  }
  std::vector<std::string> said;
  for (int free = 0; free < 7; ++free) {
    said.push_back(what(thrown_by([] { run({"true"}, {.capture = true, .input = "x"}); })));
    close(taken.back());
    taken.pop_back();
  }
  for (const int fd : taken) close(fd);
  EXPECT_THAT(said.front(), HasSubstr("could not be started for want of a pipe: Too many open"));
  EXPECT_EQ(said.back(), "no error");
}

TEST_F(CommandHost, ManyThreadsMayRunThemAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const auto text = std::to_string(t * 100 + i);
        if (check_output({"cat"}, {.input = text}) != text) ++wrong;
      }
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
