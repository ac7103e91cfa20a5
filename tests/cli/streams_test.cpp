#include "tests/cli/command.hpp"

#include <gmock/gmock.h>

namespace {

using namespace cli_test;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int nobody_reads = 141;

TEST(Streams, AReaderThatHasSeenEnoughEndsItQuietly) {
  for (const auto* where : {"inline", "thread", "process"}) {
    running r{command({"run", "primes", "--count", "1000000", "--json", "-w", where, "-q"})};
    ASSERT_TRUE(r.says("\"task\":"));
    r.close_stdout();
    const auto got = r.wait();
    EXPECT_EQ(got.code, nobody_reads);
    EXPECT_THAT(got.err, IsEmpty());
  }
}

TEST(Streams, AReaderIsMissedEvenWhileThereIsNothingToPrint) {
  running r{command({"run", "primes", "--count", "1000000", "-w", "process"})};
  ASSERT_TRUE(r.says("random numbers"));
  r.close_stdout();
  EXPECT_EQ(r.wait().code, nobody_reads);
}

TEST(Streams, HeadGetsItsLine) {
  const auto r = shell("\"$0\" run cube | head -1");
  EXPECT_EQ(r.out, "plain loop  1 8 27 64 125 216\n");
  EXPECT_THAT(r.err, Not(HasSubstr("ipe")));
}

TEST(Streams, ResultsThatCannotBeWrittenAreAnError) {
  const auto full = shell("\"$0\" run cube >/dev/full");
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  const auto closed = shell("\"$0\" run cube >&-");
  EXPECT_EQ(closed.code, 1);
  EXPECT_THAT(closed.err, HasSubstr("cannot be written"));
}

TEST(Streams, ClosedInputAndErrorDoNotMatter) {
  const auto r = shell("\"$0\" run cube <&- 2>&-");
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(lines_of(r.out).size(), 5u);
}

TEST(Streams, QuietLeavesTheResults) {
  const auto r = troupe({"run", "cube", "-q"});
  EXPECT_THAT(r.err, IsEmpty());
  EXPECT_EQ(lines_of(r.out).size(), 5u);
}

TEST(Progress, ThereIsNoneWithoutATerminal) {
  const auto r = troupe({"run", "primes", "--count", "100", "-w", "process"});
  EXPECT_THAT(r.err, Not(HasSubstr("%")));
  EXPECT_THAT(r.err, Not(HasSubstr("\x1b")));
}

TEST(Progress, PlainPrintsALineNowAndThen) {
  const auto r = troupe(
      {"run", "primes", "--count", "100", "-w", "thread", "--no-speed-up", "--progress", "plain"});
  EXPECT_THAT(r.err, HasSubstr("100/100  100 %"));
  EXPECT_THAT(r.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(r.out, Not(HasSubstr("%")));
}

std::size_t count_of(const std::string& what, const std::string& text) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Progress, ABarOnATerminalIsRedrawnTenTimesASecondAndErased) {
  running r{command({"run", "primes", "--count", "600", "-w", "process", "--no-speed-up"}),
            terminal::yes};
  const auto got = r.wait();
  EXPECT_EQ(got.code, 0);
  const auto drawn = count_of("/600  ", got.out);
  EXPECT_GE(drawn, 1u);
  EXPECT_LE(static_cast<double>(drawn), 2 + 10 * got.seconds);
  const auto erased = got.out.rfind("\r\x1b[K");
  ASSERT_NE(erased, std::string::npos);
  EXPECT_EQ(got.out.find("/600  ", erased), std::string::npos);
}

TEST(Progress, NoneMeansNoneOnATerminalToo) {
  running r{command({"run", "primes", "--progress", "none"}), terminal::yes};
  EXPECT_THAT(r.wait().out, Not(HasSubstr("\x1b")));
}

}  // namespace
