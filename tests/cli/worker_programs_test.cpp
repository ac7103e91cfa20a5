// Programs whose workers are no pool, and those that look at futures.
#include "tests/cli/command.hpp"

#include <gmock/gmock.h>
#include <csignal>

namespace {

using namespace cli_test;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;

class Anywhere : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Programs, Anywhere, testing::Values("inline", "thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

std::vector<std::string> results(const arguments& args) {
  const auto r = troupe(args);
  EXPECT_EQ(r.code, 0) << r.err;
  return lines_of(r.out);
}

TEST_P(Anywhere, SleepersAllWake) {
  const auto lines =
      results({"run", "sleepers", "--seconds", "0.3", "-w", GetParam(), "--verify", "-q"});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("9 sleepers of 0.3 s"));
}

TEST_P(Anywhere, JobsAreAllDoneAndTheWorkersEnd) {
  for (const auto* end : {"close", "sentinel"}) {
    const auto lines = results({"run", "jobs", "--end", end, "-w", GetParam(), "--verify"});
    ASSERT_EQ(lines.size(), 10u) << end;
    EXPECT_THAT(lines, testing::IsSupersetOf({"1 cubed is 1", "5 cubed is 125", "9 cubed is 729"}));
    EXPECT_EQ(lines.back(), "all 9 jobs are marked as done, and 4 workers have ended");
  }
}

TEST_P(Anywhere, TwoQueuesCarryFunctionsAndResults) {
  EXPECT_THAT(results({"run", "two-queues", "-w", GetParam(), "--verify"}),
              testing::ElementsAre("5702887", "5702887", "5702887", "5702887"));
}

TEST_P(Anywhere, DownloadsAreOneForEachLink) {
  const auto lines = results({"run", "downloads", "--latency", "10", "-w", GetParam(), "--verify"});
  ASSERT_EQ(lines.size(), 5u);
  for (const auto* table : {"/table-1.csv b'year,industry,variable,value,unit\\r\\n2011,0",
                            "/table-2.csv b'year", "/table-3.csv b'year"})
    EXPECT_THAT(lines, testing::Contains(HasSubstr(table)));
  EXPECT_THAT(lines[3], HasSubstr("one after the other: "));
}

TEST_P(Anywhere, AfterItsScopeAnExecutorHasDoneAll) {
  EXPECT_THAT(
      results({"run", "executor", "-w", GetParam(), "-j", "3", "--verify"}),
      testing::ElementsAre("after the scope 3 of 3 are done", "[5702887, 5702887, 5702887]"));
}

TEST_P(Anywhere, CoresAreTheSameForAWorker) {
  EXPECT_THAT(
      results({"run", "cores", "-w", GetParam(), "--verify"}),
      testing::ElementsAre(HasSubstr("physical"), HasSubstr("logical"), HasSubstr("usable")));
}

TEST_P(Anywhere, FibOf34IsTheDocumentsAndOneToThirtyTwoWorkersAgree) {
  const auto r =
      troupe({"run", "fib", "--number", "24", "--expect", "46368", "-w", GetParam(), "-q"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(troupe({"run", "fib", "-j", "1", "--expect", "5702887", "-w", GetParam()}).code, 0);
}

TEST(Switch, TheSameInProcessesAndThreads) {
  EXPECT_THAT(results({"run", "switch", "-j", "2", "--verify"}),
              testing::ElementsAre("process [5702887, 5702887]", "thread  [5702887, 5702887]"));
}

TEST(States, AreTrueOfACallThatRunsAndOfOneThatWaits) {
  for (const auto* where : {"thread", "process"})
    EXPECT_THAT(
        results({"run", "states", "--number", "20", "-w", where, "--verify"}),
        testing::ElementsAre("fut.running(): True", "fut.done(): False", "waiting.running(): False",
                             "waiting.cancel(): True", "waiting.cancelled(): True",
                             "fut.running(): False", "fut.done(): True", "fut.result(): 6765"));
}

TEST(LostWorkers, OfTwoQueuesTakeTheirCallWithThemAndNobodyWaitsForIt) {
  running r{command({"run", "two-queues", "-j", "2", "--number", "42"})};
  std::vector<int> busy;
  ASSERT_TRUE(eventually([&] { return (busy = r.busy_workers()).size() == 2; }));
  kill(busy.front(), SIGKILL);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 3) << got.err;
  EXPECT_EQ(got.out, "267914296\n");
  EXPECT_THAT(got.err,
              AllOf(HasSubstr("killed by SIGKILL (9)"), HasSubstr("2 tasks: 1 ok, 1 failed")));
}

TEST(LostWorkers, OfJobsLeaveTheirJobToTheOthers) {
  running r{command({"run", "jobs", "-w", "process", "-j", "2", "--count", "100000", "--verify"})};
  ASSERT_TRUE(r.says("1 cubed is 1\n"));
  const auto workers = r.workers();
  ASSERT_FALSE(workers.empty());
  kill(workers.front(), SIGKILL);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 3) << got.err;
  EXPECT_EQ(lines_of(got.out).size(), 100001u);
}

class StopWorkers : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cli, StopWorkers, testing::Values("thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(StopWorkers, TheFirstInterruptFinishesTheCallsThatRun) {
  running r{command({"run", "two-queues", "-j", "2", "--number", "41", "-w", GetParam()})};
  ASSERT_TRUE(eventually([&] { return r.is_at_work(); }));
  r.signal(SIGINT);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(lines_of(got.out), AllOf(testing::SizeIs(testing::Ge(1u)), Each("165580141")));
}

TEST_P(StopWorkers, TheSecondKillsThem) {
  running r{command({"run", "two-queues", "-j", "2", "--number", "60", "-w", GetParam()})};
  ASSERT_TRUE(eventually([&] { return r.is_at_work(); }));
  r.signal(SIGINT);
  ASSERT_TRUE(r.says("waiting for the tasks that run"));
  r.signal(SIGINT);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(got.err, HasSubstr("2 not finished"));
}

}  // namespace
