#include <troupe/cpu.hpp>

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace troupe {
namespace {

TEST(CpuCount, IsAtLeastOneAndAtMostTheMachines) {
  EXPECT_GE(cpu_count(), 1U);
  EXPECT_LE(cpu_count(), std::thread::hardware_concurrency());
  EXPECT_GE(cpu_count(physical), 1U);
}

TEST(CpuCount, FollowsTheAffinity) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(cpu_count(), 1U);
  sched_setaffinity(0, sizeof before, &before);
}

}  // namespace
}  // namespace troupe
