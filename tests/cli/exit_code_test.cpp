#include "tests/cli/command.hpp"

#include <gmock/gmock.h>
#include <csignal>

namespace {

using namespace cli_test;
using testing::HasSubstr;

TEST(ExitCode, OneIfATaskFailed) {
  for (const auto* where : {"inline", "thread", "process"}) {
    const auto r = troupe({"run", "fib", "--number", "40", "-j", "1", "-t", "0.02", "-w", where});
    EXPECT_EQ(r.code, 1) << where;
    EXPECT_THAT(r.err, HasSubstr("deadline"));
  }
}

TEST(ExitCode, AThreadThatIsStuckInItsTaskIsNotWaitedFor) {
  const auto r = troupe({"run", "fib", "--number", "60", "-j", "2", "-t", "0.02", "-w", "thread"});
  EXPECT_EQ(r.code, 1) << r.err;
}

TEST(ExitCode, ThreeIfAWorkerWasLost) {
  running r{command({"run", "fib", "--number", "44", "-j", "2"})};
  std::vector<int> busy;
  ASSERT_TRUE(eventually([&] { return (busy = r.busy_workers()).size() == 2; }));
  kill(busy.front(), SIGKILL);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 3);
  EXPECT_THAT(got.err, HasSubstr("killed by SIGKILL (9)"));
  EXPECT_THAT(got.err, HasSubstr("2 tasks: 1 ok, 1 failed (1 with their worker)"));
}

// Killed between two tasks, it takes none with it; else the one it was running.
TEST(ExitCode, ThreeAndOneTaskLessAtMostWhenAWorkerOfManyTasksIsLost) {
  running r{command(
      {"run", "primes", "--count", "1500", "-j", "2", "-w", "process", "--json", "--no-speed-up"})};
  std::vector<int> busy;
  ASSERT_TRUE(eventually([&] { return (busy = r.busy_workers()).size() == 2; }));
  kill(busy.front(), SIGKILL);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 3) << got.err;
  const auto lines = lines_of(got.out);
  EXPECT_EQ(lines.size(), 1501u);
  EXPECT_THAT(lines.back(),
              testing::AnyOf(HasSubstr(R"("tasks":1500,"ok":1499,"failed":1,"lost":1)"),
                             HasSubstr(R"("tasks":1500,"ok":1500,"failed":0,"lost":0)")));
  EXPECT_THAT(lines.back(), HasSubstr(R"("lost_workers":1)"));
}

TEST(ExitCode, FourIfAnAnswerIsWrong) {
  const auto r = troupe({"run", "fib", "--number", "10", "--expect", "56", "-j", "1"});
  EXPECT_EQ(r.code, 4);
  EXPECT_THAT(r.err, HasSubstr("fib(10) gives 55, not 56"));
}

TEST(ExitCode, FiveIfWorkersCannotBeStarted) {
  const auto r = shell("ulimit -n 10; exec \"$0\" run ids");
  EXPECT_EQ(r.code, 5) << r.err;
  EXPECT_THAT(r.err, HasSubstr("troupe doctor"));
}

TEST(Doctor, FindsThisMachineFit) {
  const auto r = troupe({"doctor"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out,
              testing::AllOf(HasSubstr("processors"), HasSubstr("RLIMIT_NOFILE"),
                             HasSubstr("pidfd_open"), HasSubstr("inline"), HasSubstr("thread"),
                             HasSubstr("process"), HasSubstr("everything works")));
  EXPECT_EQ(r.err, "");
}

TEST(Doctor, TellsTheRemedy) {
  const auto r = shell("ulimit -n 10; exec \"$0\" doctor");
  EXPECT_EQ(r.code, 5) << r.out;
  EXPECT_THAT(r.err, HasSubstr("ulimit -n "));
}

}  // namespace
