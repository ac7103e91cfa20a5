#include <troupe/detail/gate.hpp>

#include <troupe/detail/wait.hpp>

#include "tests/actors/fake_worker.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace troupe::detail {
namespace {

using namespace std::chrono_literals;

TEST(Gate, LetsJobsThroughInTheOrderInWhichTheyEnd) {
  const auto a = make_job(), b = make_job();
  gate g;
  g.add(*a, 0);
  g.add(*b, 1);
  finish(*b);
  finish(*a);
  EXPECT_EQ(g.next(std::nullopt), 1U);
  EXPECT_EQ(g.next(std::nullopt), 0U);
}

TEST(Gate, AJobThatIsDonePassesAtOnce) {
  const auto a = make_job();
  finish(*a);
  gate g;
  g.add(*a, 5);
  EXPECT_EQ(g.next(deadline_after(0s)), 5U);
}

TEST(Gate, GivesNothingOnceTheDeadlineIsOver) {
  const auto a = make_job();
  gate g;
  g.add(*a, 0);
  EXPECT_EQ(g.next(deadline_after(1ms)), std::nullopt);
  finish(*a);
}

TEST(Gate, MayBeGoneBeforeItsJobsEnd) {
  const auto a = make_job();
  { gate{}.add(*a, 0); }
  finish(*a);
}

TEST(Gate, NoJobIsMissedWhoeverIsFirst) {
  for (int i = 0; i < 500; ++i) {
    const auto a = make_job();
    std::thread other{[&] { finish(*a); }};
    gate g;
    g.add(*a, 0);
    EXPECT_EQ(g.next(std::nullopt), 0U);
    other.join();
  }
}

}  // namespace
}  // namespace troupe::detail
