// How `troupe map` ends: failures, the user's wish, a reader that goes away.
#include "tests/cli/scratch.hpp"

#include <gmock/gmock.h>
#include <csignal>

namespace {

using namespace cli_test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string ctrl_c = "\x03";
const std::string drains = "waiting for the commands that run";

/// troupe map, that many at once, of a script in which $0 is the argument.
arguments map(const std::string& script, const arguments& args, arguments flags = {"-j", "2"}) {
  flags.insert(flags.begin(), "map");
  flags.insert(flags.end(), {"--", "sh", "-c", script, "{}", ":::"});
  flags.insert(flags.end(), args.begin(), args.end());
  return command(flags);
}
finished ran(const arguments& argv) { return running{argv}.wait(); }

// --- failures --------------------------------------------------------------------------------

TEST(MapEnd, OneThatFailsDoesNotStopTheOthers) {
  const auto r = ran(map("echo $0; [ $0 != 1 ]", {"1", "2", "3"}));
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(lines_of(r.out).size(), 3u);
  EXPECT_THAT(r.err, HasSubstr("3 commands: 2 ok, 1 failed"));
}

TEST(MapEnd, OneThatIsKilledIsNamed) {
  const auto r = ran(map("kill -$0 $$", {"9", "0", "15"}));
  EXPECT_EQ(r.code, 3);
  EXPECT_THAT(r.err, HasSubstr("was killed by SIGKILL (9)"));
  EXPECT_THAT(r.err, HasSubstr("was killed by SIGTERM (15)"));
}

TEST(MapEnd, AMissingProgramEndsItAtOnce) {
  const auto r = shell("yes | \"$0\" map -- no-such-program");
  EXPECT_EQ(r.code, 5);
  EXPECT_THAT(r.err, HasSubstr("'no-such-program y' could not be started: No such file"));
}

TEST(MapEnd, AMissingProgramThatTheArgumentNamesIsOneOfMany) {
  const auto r = ran(command({"map", "-k", "--", "{}", ":::", "no-such-program", "pwd"}));
  EXPECT_EQ(r.code, 5);
  EXPECT_THAT(r.out, HasSubstr("/"));
  EXPECT_THAT(r.err, HasSubstr("2 commands: 1 ok, 1 failed"));
}

TEST(MapEnd, OneThatTakesTooLongIsKilled) {
  const auto r = ran(map("echo so far; [ $0 = a ] || sleep 1000", {"a", "b"}, {"-k", "-t", "3"}));
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out, "so far\nso far\n");
  EXPECT_THAT(r.err, HasSubstr("took longer than 3 s and was killed"));
}

TEST(MapEnd, QuietLeavesOutTheSum) {
  EXPECT_THAT(ran(map("exit 1", {"a"}, {"-q"})).err, IsEmpty());
}

TEST(MapEnd, HaltSoonStartsNoMore) {
  const auto r = ran(map("echo $0; [ $0 != 2 ]", {"1", "2", "3", "4", "5"}, {"-j", "1", "--halt", "soon"}));
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out, "1\n2\n");
  EXPECT_THAT(r.err, HasSubstr("5 commands: 1 ok, 1 failed, 3 not finished"));
}

TEST(MapEnd, HaltSoonEndsAnEndlessInput) {
  EXPECT_EQ(shell("yes | \"$0\" map --halt soon -- false").code, 1);
}

TEST(MapEnd, HaltSoonLetsThoseThatRunFinish) {
  const scratch s;
  const auto fifo = s.fifo("failed");
  const auto r = ran(map("if [ $0 = 1 ]; then read x <" + fifo + "; echo fine; else echo >" + fifo +
                             "; exit 1; fi", {"1", "2"}, {"-j", "2", "--halt", "soon"}));
  EXPECT_EQ(r.out, "fine\n");
  EXPECT_EQ(r.code, 1);
}

TEST(MapEnd, HaltNowKillsThoseThatRun) {
  const scratch s;
  const auto fifo = s.fifo("begun");
  const auto r = ran(map("if [ $0 = 1 ]; then echo >" + fifo + "; sleep 1000 & sleep 1000; else read x <" +
                             fifo + "; exit 1; fi", {"1", "2"}, {"-j", "2", "--halt", "now"}));
  EXPECT_EQ(r.code, 1);
  EXPECT_THAT(r.err, HasSubstr("1 failed, 1 not finished"));
}

// --- the user --------------------------------------------------------------------------------

/// Two that have begun and wait for the fifo "go", and one that has not.
class MapInterrupt : public testing::Test {
 protected:
  scratch s;
  const std::string go = s.fifo("go");
  const std::string script =
      "echo >" + s.file("begun-") + "$0; read x <" + go + "; echo $0 is through";
  bool both_begun() { return s.appears("begun-1") && s.appears("begun-2"); }
};

TEST_F(MapInterrupt, TheFirstWaitsForThoseThatRunAndStartsNoMore) {
  running r{map(script, {"1", "2", "3"}), terminal::yes};
  ASSERT_TRUE(both_begun());
  r.type(ctrl_c);
  ASSERT_TRUE(r.says(drains));
  writer{go}.write("\n\n");
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(got.out, HasSubstr("1 is through"));
  EXPECT_THAT(got.out, HasSubstr("2 is through"));
  EXPECT_THAT(got.out, HasSubstr("3 commands: 2 ok, 1 not finished"));
  EXPECT_THAT(got.out, HasSubstr("interrupted by SIGINT"));
}

TEST_F(MapInterrupt, TheSecondKillsThem) {
  running r{map(script, {"1", "2", "3"}), terminal::yes};
  ASSERT_TRUE(both_begun());
  r.type(ctrl_c);
  ASSERT_TRUE(r.says(drains));
  r.type(ctrl_c);
  const auto got = r.wait();
  EXPECT_EQ(got.code, 130);
  EXPECT_THAT(got.out, HasSubstr("3 commands: 0 ok, 3 not finished"));
}

TEST_F(MapInterrupt, SigtermDrainsToo) {
  running r{map(script, {"1", "2"})};
  ASSERT_TRUE(both_begun());
  r.signal(SIGTERM);
  ASSERT_TRUE(r.says(drains));
  r.signal(SIGTERM);
  EXPECT_EQ(r.wait().code, 143);
}

TEST_F(MapInterrupt, EndsTheWaitForArguments) {
  running r{{"/bin/sh", "-c", "exec \"$0\" map -- echo got <>" + go, TROUPE_CLI_PATH}};
  writer{go}.write("one\n");
  ASSERT_TRUE(r.says("got one\n"));
  r.signal(SIGINT);
  EXPECT_EQ(r.wait().code, 130);
}

// --- the reader ------------------------------------------------------------------------------

TEST(MapReader, HeadGetsItsLineOfAnEndlessInput) {
  const auto r = shell("yes | \"$0\" map -- echo | head -n 1");
  EXPECT_EQ(r.out, "y\n");
  EXPECT_THAT(r.err, Not(HasSubstr("troupe")));
}

TEST_F(MapInterrupt, AReaderIsMissedWhileThereIsNothingToPrint) {
  running r{map(script, {"1", "2"})};
  ASSERT_TRUE(both_begun());
  r.close_stdout();
  const auto got = r.wait();
  EXPECT_EQ(got.code, 141);
  EXPECT_THAT(got.err, IsEmpty());
}

TEST(MapReader, ResultsThatCannotBeWrittenAreAnError) {
  const auto r = shell("\"$0\" map -- echo ::: a >/dev/full");
  EXPECT_EQ(r.code, 1);
  EXPECT_THAT(r.err, HasSubstr("No space left on device"));
}

}  // namespace
