#include "actors/restart.hpp"

#include <gtest/gtest.h>

namespace troupe::detail {
namespace {

using namespace std::chrono_literals;
using kind = restart_decision::kind;

constexpr bool expected = true, unexpected = false, was_ready = true, never_ready = false;
const time_point start{};

// The table of restart.hpp, cell by cell.
TEST(RestartPolicy, AnExpectedEndIsAlwaysReplacedAtOnce) {
  restart_policy p{{.max = 0, .period = 5s}};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(p.worker_ended(start, expected, was_ready).what, kind::now);
    EXPECT_EQ(p.worker_ended(start, expected, never_ready).what, kind::now);
  }
}

TEST(RestartPolicy, AsManyDeathsAsAllowedAreReplacedAtOnceAndOneMoreIsTheEnd) {
  restart_policy p{{.max = 3, .period = 5s}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(p.worker_ended(start, unexpected, was_ready).what, kind::now);
  EXPECT_EQ(p.worker_ended(start, unexpected, was_ready).what, kind::give_up);
}

TEST(RestartPolicy, DeathsBeforeThePeriodAreForgotten) {
  restart_policy p{{.max = 2, .period = 5s}};
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(p.worker_ended(start + i * 3s, unexpected, was_ready).what, kind::now);
}

TEST(RestartPolicy, AWorkerThatNeverGotReadyIsReplacedLaterAndLater) {
  restart_policy p{{.max = 100, .period = 5s}};
  duration last{0};
  for (int i = 0; i < restart_policy::max_failed_starts; ++i) {
    const auto d = p.worker_ended(start, unexpected, never_ready);
    EXPECT_EQ(d.what, kind::later);
    EXPECT_GT(d.delay, last);
    last = d.delay;
  }
  EXPECT_EQ(p.worker_ended(start, unexpected, never_ready).what, kind::give_up);
}

TEST(RestartPolicy, AWorkerThatGetsReadyClearsTheFailedStarts) {
  restart_policy p{{.max = 1000, .period = 5s}};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(p.worker_ended(start, unexpected, never_ready).what, kind::later);
    p.worker_ready();
  }
}

TEST(RestartPolicy, FailedStartsCountAsDeaths) {
  restart_policy p{{.max = 1, .period = 5s}};
  EXPECT_EQ(p.worker_ended(start, unexpected, never_ready).what, kind::later);
  EXPECT_EQ(p.worker_ended(start, unexpected, never_ready).what, kind::give_up);
}

}  // namespace
}  // namespace troupe::detail
