#include <troupe/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>
#include <type_traits>

namespace {

using testing::HasSubstr;
using testing::Not;

troupe::loss killed() {
  troupe::loss l;
  l.worker = "squares/3";
  l.pid = 4711;
  l.status.signal = SIGKILL;
  l.task = 42;
  return l;
}

std::string said(const troupe::loss& l) { return troupe::worker_lost{l}.what(); }

TEST(ExitStatus, SaysHowItEnded) {
  EXPECT_EQ((troupe::exit_status{.code = 3}).to_string(), "exit 3");
  EXPECT_EQ((troupe::exit_status{.signal = SIGKILL}).to_string(), "killed by SIGKILL (9)");
  EXPECT_EQ((troupe::exit_status{.signal = SIGSEGV, .core_dumped = true}).to_string(),
            "killed by SIGSEGV (11), core dumped");
  EXPECT_EQ((troupe::exit_status{.signal = 200}).to_string(), "killed by signal (200)");
  EXPECT_THAT((troupe::exit_status{.known = false}).to_string(), HasSubstr("unknown"));
}

TEST(ExitStatus, OnlyAKnownExitWithZeroIsOk) {
  EXPECT_TRUE(troupe::exit_status{}.ok());
  EXPECT_FALSE((troupe::exit_status{.code = 1}).ok());
  EXPECT_FALSE((troupe::exit_status{.signal = SIGTERM}).ok());
  EXPECT_FALSE((troupe::exit_status{.known = false}).ok());
}

TEST(ExitStatus, IsPrintedAsItIsSaid) {
  std::ostringstream out;
  out << troupe::exit_status{.code = 255};
  EXPECT_EQ(out.str(), "exit 255");
}

TEST(Phase, HasAName) {
  EXPECT_STREQ(to_string(troupe::phase::not_started), "not started");
  EXPECT_STREQ(to_string(troupe::phase::started), "started");
  EXPECT_STREQ(to_string(troupe::phase::result_unknown), "result unknown");
  EXPECT_STREQ(to_string(static_cast<troupe::phase>(77)), "?");
}

TEST(WorkerLost, NamesWorkerPidTaskAndCause) {
  EXPECT_EQ(said(killed()),
            "worker squares/3 (pid 4711) was lost while it ran task 42: killed by SIGKILL (9)");
}

TEST(WorkerLost, TellsHowFarTheTaskHadCome) {
  auto l = killed();
  l.phase = troupe::phase::not_started;
  EXPECT_THAT(said(l), HasSubstr("before it started task 42"));
  l.phase = troupe::phase::result_unknown;
  EXPECT_THAT(said(l), HasSubstr("task 42, its result unknown"));
}

TEST(WorkerLost, TellsOfAttemptDetailAndLastWordsOnlyIfThereAreAny) {
  EXPECT_THAT(said(killed()), Not(HasSubstr("attempt")));
  EXPECT_THAT(said(killed()), Not(HasSubstr("last words")));
  auto l = killed();
  l.attempt = 2;
  l.detail = "stack overflow";
  l.stderr_tail = "oh no";
  EXPECT_THAT(said(l), HasSubstr("attempt 2"));
  EXPECT_THAT(said(l), HasSubstr("(stack overflow); last words: oh no"));
}

TEST(WorkerLost, OfAnIdleWorkerNamesNoTask) {
  troupe::loss l;
  EXPECT_EQ(said(l), "worker process (pid 0) was lost: exit 0");
}

TEST(WorkerLost, GivesTheFactsBack) {
  auto l = killed();
  l.attempt = 3;
  l.detail = "d";
  l.stderr_tail = "t";
  const troupe::worker_lost e{l};
  EXPECT_EQ(e.worker(), "squares/3");
  EXPECT_EQ(e.pid(), 4711);
  EXPECT_EQ(e.exit_status(), l.status);
  EXPECT_EQ(e.phase(), troupe::phase::started);
  EXPECT_EQ(e.task(), 42u);
  EXPECT_EQ(e.attempt(), 3);
  EXPECT_EQ(e.detail(), "d");
  EXPECT_EQ(e.stderr_tail(), "t");
}

TEST(StartError, KeepsErrnoAndPath) {
  const troupe::start_error e{"no such program", 2, "/bin/none"};
  EXPECT_STREQ(e.what(), "no such program");
  EXPECT_EQ(e.errno_value(), 2);
  EXPECT_EQ(e.path(), "/bin/none");
}

TEST(PoolBroken, KeepsTheDeathsThatLedToIt) {
  const troupe::pool_broken e{"gave up", {"first", "second"}};
  EXPECT_STREQ(e.what(), "gave up");
  EXPECT_EQ(e.deaths(), (std::vector<std::string>{"first", "second"}));
}

TEST(TaskError, SaysWhatTheTaskSaidAndDescribesTheRest) {
  const troupe::task_error e{
      {"std::out_of_range", "no 7", "w/1", 12, {{"int", "unknown exception"}}}};
  EXPECT_STREQ(e.what(), "no 7");
  EXPECT_EQ(e.describe(),
            "std::out_of_range: no 7 [worker w/1, pid 12]; caused by int: unknown exception");
  EXPECT_EQ(e.nested().size(), 1u);
}

TEST(TaskError, WithoutATypeIsAnUnknownException) {
  const troupe::task_error e{{"", "?", "w", 1, {}}};
  EXPECT_THAT(e.describe(), HasSubstr("unknown exception"));
}

template <class E>
class EveryError : public testing::Test {};
using errors = testing::Types<
    troupe::usage_error, troupe::closed_error, troupe::full_error, troupe::empty_error,
    troupe::timeout_error, troupe::cancelled_error, troupe::would_deadlock, troupe::encode_error,
    troupe::decode_error, troupe::unknown_function, troupe::start_error, troupe::worker_lost,
    troupe::pool_broken, troupe::broken_barrier, troupe::task_error>;
TYPED_TEST_SUITE(EveryError, errors);

TYPED_TEST(EveryError, IsATroupeErrorThatCanBeCopied) {
  static_assert(std::is_base_of_v<troupe::error, TypeParam>);
  static_assert(std::is_base_of_v<std::runtime_error, TypeParam>);
  static_assert(std::is_copy_constructible_v<TypeParam>);
}

}  // namespace
