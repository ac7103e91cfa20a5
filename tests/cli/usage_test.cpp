#include "tests/cli/command.hpp"

#include <gmock/gmock.h>

namespace {

using namespace cli_test;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> programs() {
  std::vector<std::string> names;
  for (const auto& line : lines_of(troupe({"list"}).out))
    names.push_back(line.substr(0, line.find(' ')));
  return names;
}

void expect_usage_error(const arguments& args, const std::string& says) {
  const auto r = troupe(args);
  EXPECT_EQ(r.code, 2) << testing::PrintToString(args);
  EXPECT_THAT(r.err, HasSubstr(says));
  EXPECT_THAT(r.out, IsEmpty());
}

TEST(Usage, WithoutArgumentsItExplainsItself) { expect_usage_error({}, "Subcommands:"); }

TEST(Usage, AnUnknownNameIsAnsweredWithTheNearest) {
  expect_usage_error({"ru"}, "did you mean 'run'?");
  expect_usage_error({"run", "prmes"}, "did you mean 'primes'?");
  expect_usage_error({"run", "prime"}, "did you mean 'primes'?");
  expect_usage_error({"run", "primes", "--cuont", "3"}, "did you mean '--count'?");
  expect_usage_error({"run", "primes", "--werify=1"}, "did you mean '--verify'?");
  expect_usage_error({"run", "primes", "-w", "proces"}, "did you mean 'process'?");
}

TEST(Usage, WhatIsNearNothingIsAnsweredWithTheChoice) {
  const auto names = programs();
  expect_usage_error({"run", "zzzzzz"}, "there are: " + names.at(0) + ", " + names.at(1) + ", ");
  expect_usage_error({"run", "primes", "--progress", "zzz"}, "auto, bar, plain, none");
}

TEST(Usage, ABadValueIsRefusedByItsFlag) {
  expect_usage_error({"run", "cube", "-j", "0"}, "--workers");
  expect_usage_error({"run", "cube", "-j", "-1"}, "--workers");
  expect_usage_error({"run", "cube", "-j", "2x"}, "--workers");
  expect_usage_error({"run", "cube", "-j", "99999999999999999999"}, "--workers");
  expect_usage_error({"run", "cube", "-t", "0"}, "--timeout");
  expect_usage_error({"run", "cube", "-t", "nan"}, "--timeout");
  expect_usage_error({"run", "cube", "-t", "1e300"}, "--timeout");
  expect_usage_error({"run", "primes", "--count", "0"}, "--count");
  expect_usage_error({"run", "primes", "--count"}, "--count");
  expect_usage_error({"run", "fib", "--number", "99"}, "--number");
  expect_usage_error({"run", "primes", "more"}, "more");
}

TEST(Usage, TheTourNeedsWorkersBesideTheCaller) {
  expect_usage_error({"run", "tour", "-w", "inline"}, "-w thread");
}

TEST(Usage, LookingAtARunningCallNeedsWorkersBesideTheCaller) {
  expect_usage_error({"run", "states", "-w", "inline"}, "-w thread");
}

TEST(Usage, WithoutADeadlineATimeoutIsRefused) {
  for (const auto* program : {"sleepers", "jobs", "two-queues", "downloads"})
    expect_usage_error({"run", program, "-t", "1"}, "leave out -t");
}

TEST(Usage, AFolderThatCannotBeMadeIsRefused) {
  expect_usage_error({"run", "fetch", "--save", "/dev/null/pages"}, "--save: ");
}

TEST(Help, EachProgramNamesTheDocumentItComesFrom) {
  ASSERT_THAT(programs(), testing::IsSupersetOf({"cube", "cubes", "fetch", "fib", "ids", "primes",
                                                 "services", "tour", "two-queues"}));
  for (const auto& name : programs()) {
    const auto r = troupe({"run", name, "--help"});
    EXPECT_EQ(r.code, 0);
    EXPECT_THAT(r.out, AllOf(HasSubstr("From: Paral"), HasSubstr("(seed 00"), HasSubstr("--verify"),
                             HasSubstr("Examples:"), HasSubstr("Exit codes:")));
    EXPECT_THAT(r.err, IsEmpty());
  }
}

TEST(Help, EverySubcommandHasIt) {
  EXPECT_THAT(troupe({"--help"}).out,
              AllOf(HasSubstr("list"), HasSubstr("run"), HasSubstr("doctor")));
  EXPECT_THAT(troupe({"run", "--help"}).out, AllOf(HasSubstr("primes"), HasSubstr("--workers")));
  for (const auto* name : {"list", "doctor", "version"}) {
    const auto r = troupe({name, "--help"});
    EXPECT_EQ(r.code, 0);
    EXPECT_THAT(r.out, HasSubstr("Usage: troupe " + std::string{name}));
  }
}

TEST(Version, IsTheSameInBothForms) {
  const auto r = troupe({"version"});
  EXPECT_EQ(r.code, 0);
  EXPECT_THAT(r.out, testing::MatchesRegex("troupe [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(troupe({"--version"}).out, r.out);
}

TEST(Flags, MayStandBeforeTheProgramToo) {
  const auto r = troupe({"run", "-j", "3", "-w", "thread", "ids"});
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(lines_of(r.out).size(), 4u);
  EXPECT_THAT(r.out, Not(HasSubstr("ids-4")));
}

}  // namespace
