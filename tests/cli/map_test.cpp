#include "tests/cli/scratch.hpp"

#include <gmock/gmock.h>
#include <algorithm>

namespace {

using namespace cli_test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

/// troupe map with these arguments.
finished map(arguments args) {
  args.insert(args.begin(), "map");
  return troupe(args);
}

TEST(Map, BracesStandForTheArgumentWhereverTheyAre) {
  EXPECT_EQ(map({"--", "echo", "<{}>", "{}{}", "{ }", ":::", "a"}).out, "<a> aa { }\n");
  EXPECT_EQ(map({"--", "echo", "{}", ":::", "{}"}).out, "{}\n");
}

TEST(Map, WithoutBracesTheArgumentGoesLast) {
  EXPECT_EQ(map({"--", "echo", "-n", ":::", "a"}).out, "a");
}

TEST(Map, ArgumentsReachTheCommandAsTheyAre) {
  const auto r = map({"-k", "--", "printf", "<%s>", ":::", "a b", "c\nd", "", "$HOME *", "'\"\\",
                      "--help", "[x,y]", "-"});
  EXPECT_EQ(r.out, "<a b><c\nd><><$HOME *><'\"\\><--help><[x,y]><->");
  EXPECT_EQ(r.code, 0);
  EXPECT_THAT(r.err, IsEmpty());
}

TEST(Map, TheNameOfASubcommandIsACommandLikeAnyOther) {
  EXPECT_EQ(map({"--", "echo", "run", ":::", "list"}).out, "run list\n");
}

TEST(Map, LinesOfStdinAreArguments) {
  const auto r = shell("printf 'a b\\n\\nlast' | \"$0\" map -k -- printf '<%s>'");
  EXPECT_EQ(r.out, "<a b><><last>");
}

TEST(Map, ZeroBytesMaySeparateThemInstead) {
  EXPECT_EQ(shell("printf 'a\\nb\\0c\\0' | \"$0\" map -k -0 -- printf '<%s>'").out, "<a\nb><c>");
}

TEST(Map, WithoutArgumentsThereIsNothingToDo) {
  for (const auto& r : {map({"--", "echo", ":::"}), map({"--", "echo"})}) {  // stdin is /dev/null
    EXPECT_EQ(r.code, 0);
    EXPECT_THAT(r.out + r.err, IsEmpty());
  }
}

TEST(Map, ThousandsGiveWhatXargsGives) {
  const auto r = shell("seq 3000 | \"$0\" map -k -j 4 -- echo | cksum; seq 3000 | xargs -n1 | cksum");
  const auto lines = lines_of(r.out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], lines[1]);
}

TEST(Map, AnArgumentIsRunWhileTheNextIsAwaited) {
  const scratch s;
  const auto fifo = s.fifo("arguments");
  running r{{"/bin/sh", "-c", "exec \"$0\" map -- echo got <" + fifo, TROUPE_CLI_PATH}};
  writer w{fifo};
  w.write("first\n");
  EXPECT_TRUE(r.says("got first\n"));
  w.write("second\n");
  EXPECT_TRUE(r.says("got second\n"));
  w.close();
  EXPECT_EQ(r.wait().code, 0);
}

TEST(Map, CommandsReadNothingOfTheArguments) {
  EXPECT_EQ(shell("printf 'a\\nb\\n' | \"$0\" map -k -j 1 -- sh -c 'cat; echo $0'").out, "a\nb\n");
}

TEST(Map, NoArgumentIsLongerThanAProgramTakes) {
  const auto r = shell("(echo a; head -c 300000 /dev/zero | tr '\\0' x) | \"$0\" map -- echo");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.out, "a\n");
  EXPECT_THAT(r.err, HasSubstr("longer than the 131072 bytes"));
}

TEST(Map, AClosedStdinIsAnError) {
  const auto r = shell("\"$0\" map -- echo <&-");
  EXPECT_EQ(r.code, 1);
  EXPECT_THAT(r.err, HasSubstr("the arguments cannot be read"));
}

// --- what is printed -------------------------------------------------------------------------

TEST(Map, OutputsDoNotMix) {
  const auto r = map({"-j", "4", "--", "sh", "-c", "for i in 1 2 3 4 5; do echo $0; done", ":::", "a",
                      "b", "c", "d", "e", "f"});
  auto lines = lines_of(r.out);
  EXPECT_EQ(lines.size(), 30u);
  EXPECT_EQ(std::unique(lines.begin(), lines.end()) - lines.begin(), 6);
}

TEST(Map, KeepsTheOrderIfAskedTo) {
  const scratch s;
  const auto fifo = s.fifo("second");  // the first waits for the second
  const auto r = map({"-k", "-j", "2", "--", "sh", "-c",
                      "if [ $0 = 1 ]; then read x <" + fifo + "; else echo >" + fifo +
                          "; fi; echo $0", ":::", "1", "2"});
  EXPECT_EQ(r.out, "1\n2\n");
}

TEST(Map, PrintsAsTheyEndIfNot) {
  const scratch s;
  const auto fifo = s.fifo("go");
  running r{command({"map", "-j", "2", "--", "sh", "-c",
                     "[ $0 = slow ] && read x <" + fifo + "; echo $0", ":::", "slow", "fast"})};
  EXPECT_TRUE(r.says("fast\n"));
  writer{fifo}.write("\n");
  EXPECT_EQ(r.wait().out, "fast\nslow\n");
}

TEST(Map, TagsEachLineOfBothStreams) {
  const auto r = map({"-k", "--tag", "--", "sh", "-c", "echo x; printf y; echo z >&2", ":::", "a b",
                      "c\nd"});
  EXPECT_EQ(r.out, "a b\tx\na b\tyc\\nd\tx\nc\\nd\ty");
  EXPECT_EQ(r.err, "a b\tz\nc\\nd\tz\n");
}

TEST(Map, DryRunPrintsWhatAShellWouldReadBack) {
  const auto r = map({"-n", "--", "touch", "x {}", ":::", "a", "it's", "", "b\nc"});
  EXPECT_EQ(r.out, "touch 'x a'\ntouch 'x it'\\''s'\ntouch 'x '\ntouch $'x b\\nc'\n");
  EXPECT_EQ(shell("seq 3 | \"$0\" map --dry-run -- echo").out, "echo 1\necho 2\necho 3\n");
}

TEST(Map, WritesAJoblogAsGnuParallelDoes) {
  const scratch s;
  const auto log = s.file("jobs.tsv");
  map({"-j", "1", "--joblog", log, "--", "sh", "-c", "echo seen; eval \"$0\"", ":::", "exit 0",
       "exit 3", "kill -9 $$", ":\n"});
  const std::string times = "\t:\t[0-9]+\\.[0-9][0-9][0-9]\t *[0-9]+\\.[0-9][0-9][0-9]\t0\t5\t";
  EXPECT_THAT(lines_of(s.contents("jobs.tsv")),
              ElementsAre("Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand",
                          MatchesRegex("1" + times + "0\t0\tsh -c .* 'exit 0'"),
                          MatchesRegex("2" + times + "3\t0\tsh -c .* 'exit 3'"),
                          MatchesRegex("3" + times + "0\t9\tsh -c .* 'kill -9 \\$\\$'"),
                          MatchesRegex("4" + times + "0\t0\tsh -c .* \\$':\\\\n'")));
}

TEST(Map, ProgressIsOnStderr) {
  const auto r = map({"--progress", "plain", "--", "true", ":::", "a", "b"});
  EXPECT_THAT(r.err, AllOf(HasSubstr("map  2/2  100 %"), Not(HasSubstr("\x1b"))));
}

// --- usage -----------------------------------------------------------------------------------

TEST(Map, WhatMakesNoSenseIsRefused) {
  const auto expect_refused = [](const arguments& args, const std::string& says) {
    const auto r = map(args);
    EXPECT_EQ(r.code, 2) << testing::PrintToString(args);
    EXPECT_THAT(r.err, HasSubstr(says));
    EXPECT_THAT(r.out, IsEmpty());
  };
  expect_refused({}, "there is no command");
  expect_refused({"--"}, "there is no command");
  expect_refused({"--", ":::", "a"}, "there is no command");
  expect_refused({"echo", ":::", "a"}, "stands behind --: troupe map -- echo");
  expect_refused({"--", "echo", ":::", "a", ":::", "b"}, "more than one :::");
  expect_refused({"-0", "--", "echo", ":::", "a"}, "-0");
  expect_refused({"--halt", "sooon", "--", "echo"}, "did you mean 'soon'?");
  expect_refused({"--tagg", "--", "echo"}, "did you mean '--tag'?");
  expect_refused({"-j", "0", "--", "echo"}, "--workers");
  expect_refused({"--joblog", "/no/such/file", "--", "echo", ":::", "a"}, "/no/such/file");
}

TEST(Map, HasHelpWithExamples) {
  const auto r = map({"--help"});
  EXPECT_EQ(r.code, 0);
  EXPECT_THAT(r.out, AllOf(HasSubstr("Usage: troupe map [OPTIONS] -- COMMAND [{}] [::: ARGUMENTS]"),
                           HasSubstr("Examples:"), HasSubstr("Exit codes:"), HasSubstr("--joblog")));
}

}  // namespace
