#include "runtime/park.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace troupe::detail {
namespace {

using namespace std::chrono_literals;

TEST(Park, ReturnsAtOnceIfTheWordHasAnotherValue) {
  const std::atomic<std::uint32_t> word{1};
  park(word, 0);
}

TEST(Park, ReturnsAtItsDeadline) {
  const std::atomic<std::uint32_t> word{0};
  const auto until = time_after(5ms);
  while (std::chrono::steady_clock::now() < until) park(word, 0, until);
}

TEST(Park, IsWokenByAnotherThread) {
  std::atomic<std::uint32_t> word{0};
  std::thread other{[&] {
    word = 1;
    unpark_all(word);
  }};
  while (word == 0) park(word, 0);
  other.join();
}

TEST(TimeAfter, NeverOverflows) {
  EXPECT_EQ(time_after(std::chrono::nanoseconds::max()), never);
  const auto past = time_after(-1h);
  EXPECT_LE(past, std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace troupe::detail
