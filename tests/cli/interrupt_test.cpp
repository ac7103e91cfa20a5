#include "tests/cli/command.hpp"

#include <gmock/gmock.h>
#include <csignal>

namespace {

using namespace cli_test;
using testing::HasSubstr;

const std::string ctrl_c = "\x03";
const std::string drains = "waiting for the tasks that run";

arguments endless(const char* where) {
  return command({"run", "primes", "--count", "1000000", "-j", "2", "-w", where});
}
arguments one_long_task(const char* where) {
  return command({"run", "fib", "--number", "60", "-j", "2", "-w", where});
}

class Interrupt : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cli, Interrupt, testing::Values("inline", "thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(Interrupt, TheFirstLetsRunningTasksFinishAndSumsUp) {
  auto argv = endless(GetParam());
  argv.push_back("--json");
  running r{argv};
  ASSERT_TRUE(r.says("\"task\":"));
  r.signal(SIGINT);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(got.err, HasSubstr(drains));
  EXPECT_THAT(lines_of(got.out).back(),
              testing::AllOf(HasSubstr("{\"summary\":"), HasSubstr("\"failed\":0"),
                             HasSubstr("\"cancelled\":"), HasSubstr("\"interrupted\":\"SIGINT\"")));
}

TEST_P(Interrupt, SigtermDoesTheSame) {
  running r{endless(GetParam())};
  ASSERT_TRUE(r.says("random numbers"));
  r.signal(SIGTERM);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 143);
  EXPECT_THAT(got.err, HasSubstr("interrupted by SIGTERM"));
}

class SecondInterrupt : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cli, SecondInterrupt, testing::Values("thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(SecondInterrupt, KillsWhatRunsAndSumsUp) {
  running r{one_long_task(GetParam())};
  ASSERT_TRUE(eventually([&] { return r.is_at_work(); }));
  r.signal(SIGINT);
  ASSERT_TRUE(r.says(drains));
  r.signal(SIGINT);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(got.err, HasSubstr("2 not finished"));
}

TEST(Interrupts, ATaskInsideSubmitIsCutOffByTheSecond) {
  running r{one_long_task("inline")};
  ASSERT_TRUE(eventually([&] { return r.is_at_work(); }));
  r.signal(SIGINT);
  r.signal(SIGTERM);
  EXPECT_EQ(r.wait().code, 130);
}

TEST(Interrupts, CtrlCOnATerminalReachesTheCommandAndNotItsWorkers) {
  running r{endless("process"), terminal::yes};
  ASSERT_TRUE(r.says("random numbers"));
  r.type(ctrl_c);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(got.out, HasSubstr("interrupted by SIGINT"));
  EXPECT_THAT(got.out, testing::Not(HasSubstr("failed")));
}

TEST(Interrupts, AnIgnoredSignalStaysIgnored) {
  running r{{"/bin/sh", "-c", "trap '' INT; exec \"$0\" run primes --count 600 -w thread",
             TROUPE_CLI_PATH}};
  ASSERT_TRUE(r.says("random numbers"));
  r.signal(SIGINT);
  EXPECT_EQ(r.wait().code, 0);
}

}  // namespace
