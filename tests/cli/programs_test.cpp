#include "tests/cli/command.hpp"

#include <gmock/gmock.h>
#include <algorithm>
#include <set>
#include <sstream>

namespace {

using namespace cli_test;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

class EveryPlacement : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Programs, EveryPlacement, testing::Values("inline", "thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

TEST_P(EveryPlacement, CubeSaysTheSameByEveryWay) {
  const auto r = troupe({"run", "cube", "-w", GetParam(), "-j", "3", "--verify"});
  EXPECT_EQ(r.code, 0) << r.err;
  const auto lines = lines_of(r.out);
  EXPECT_EQ(lines.size(), 5u);
  for (const auto& line : lines) EXPECT_THAT(line, MatchesRegex("[a-z_ ]+ 1 8 27 64 125 216"));
}

TEST_P(EveryPlacement, PrimesPrintsTheSixAsPythonDoes) {
  const auto r = troupe({"run", "primes", "-w", GetParam(), "--verify"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.out,
            "112272535095293 is prime: True\n"
            "112582705942171 is prime: True\n"
            "112272535095293 is prime: True\n"
            "115280095190773 is prime: True\n"
            "115797848077099 is prime: True\n"
            "1099726899285419 is prime: False\n");
}

TEST_P(EveryPlacement, RandomNumbersAreTheSameForASeed) {
  const auto r = troupe(
      {"run", "primes", "--count", "60", "--seed", "42", "-w", GetParam(), "-q", "--verify"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.out,
            "3 of 60 numbers are prime: 263284242328609, 445661507182789, 489087893070577\n");
  EXPECT_EQ(r.err, "");
}

TEST_P(EveryPlacement, FibTellsHowMuchFasterItIs) {
  const auto r = troupe({"run", "fib", "--number", "20", "-w", GetParam(), "--verify"});
  EXPECT_EQ(r.code, 0) << r.err;
  const auto lines = lines_of(r.out);
  EXPECT_EQ(lines.size(), 8u);
  EXPECT_THAT(lines[0], HasSubstr("speed-up"));
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_THAT(lines[i], testing::EndsWith("  6765"));
}

TEST(Primes, WithoutAPlaceComparesThreadsAndProcesses) {
  const auto r = troupe({"run", "primes", "--count", "40", "-j", "2", "--verify"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, AllOf(HasSubstr("of 40 numbers are prime"), HasSubstr("\nthread "),
                           HasSubstr("\nprocess "), HasSubstr("primes-1"), HasSubstr("speed-up")));
}

TEST(Primes, TellsWhatEachWorkerDid) {
  const auto r = troupe({"run", "primes", "--count", "100", "-w", "process", "-j", "2"});
  std::istringstream in{r.out};
  std::string word;
  int tasks = 0, sum = 0;
  std::set<int> pids;
  while (in >> word) {
    if (!word.starts_with("primes-")) continue;
    int pid = 0;
    in >> pid >> tasks;
    pids.insert(pid);
    sum += tasks;
  }
  EXPECT_EQ(sum, 100) << r.out;
  EXPECT_EQ(pids.size(), 2u);
}

// Lines of `ids` without the heading, as (pid, parent).
std::vector<std::pair<int, int>> identities(const std::string& out) {
  std::vector<std::pair<int, int>> all;
  std::istringstream in{out};
  std::string line, name;
  std::getline(in, line);
  for (int pid = 0, parent = 0; in >> name >> pid >> parent;) all.emplace_back(pid, parent);
  return all;
}

TEST(Ids, ProcessesDifferAndHaveTheCommandAsParent) {
  running r{command({"run", "ids", "-j", "4", "--verify"})};
  const auto got = r.wait();
  EXPECT_EQ(got.code, 0) << got.err;
  std::set<int> pids;
  for (const auto& [pid, parent] : identities(got.out)) {
    pids.insert(pid);
    EXPECT_EQ(parent, r.pid());
  }
  EXPECT_EQ(pids.size(), 4u);
}

TEST(Ids, ThreadsAreTheCommandItself) {
  running r{command({"run", "ids", "-j", "4", "-w", "thread", "--verify"})};
  const auto got = r.wait();
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(identities(got.out).size(), 4u);
  for (const auto& [pid, parent] : identities(got.out)) EXPECT_EQ(pid, r.pid());
}

TEST(Ids, TwoHundredWorkersAreNoMatter) {
  for (const auto* where : {"thread", "process"}) {
    const auto r = troupe({"run", "ids", "-j", "200", "-w", where});
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(identities(r.out).size(), 200u);
  }
}

class Tour : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Programs, Tour, testing::Values("thread", "process"),
                         [](const auto& info) { return std::string{info.param}; });

// As the document has it, but for process ids and for the order in which items end.
TEST_P(Tour, PrintsTheDocumentsTranscript) {
  const auto r = troupe({"run", "tour", "-w", GetParam(), "--verify"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_LT(r.seconds, 9) << "it waited for the sleep of 10 s";
  auto lines = lines_of(r.out);
  ASSERT_EQ(lines.size(), 23u) << r.out;
  std::sort(lines.begin() + 3, lines.begin() + 13);
  EXPECT_THAT(lines[16], MatchesRegex("[0-9]+"));
  EXPECT_THAT(lines[18], MatchesRegex("\\[[0-9]+, [0-9]+, [0-9]+, [0-9]+\\]"));
  lines[16] = "PID";
  lines[18] = "PIDS";
  EXPECT_THAT(lines,
              testing::ElementsAre("Using .map", "[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]",
                                   "Using .imap_unordered", "0", "1", "16", "25", "36", "4", "49",
                                   "64", "81", "9", "Using .apply_async", "400",
                                   "Using .apply_async", "PID", "Using .apply_async in a list",
                                   "PIDS", "Using .apply_async knowing it will timeout",
                                   "We lacked patience and got a multiprocessing.TimeoutError",
                                   "For the moment, the pool remains available for more work",
                                   "Now the pool is closed and no longer available"));
}

}  // namespace
