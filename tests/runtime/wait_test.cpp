#include <troupe/detail/wait.hpp>

#include "tests/actors/fake_worker.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace troupe::detail {
namespace {

using namespace std::chrono_literals;

struct note final : done_node {
  std::vector<int>* order;
  int number;
  note(std::vector<int>& o, int n) : order(&o), number(n) {
    run = [](done_node* self, job&) noexcept {
      const auto* n = static_cast<note*>(self);
      n->order->push_back(n->number);
    };
  }
};

TEST(Finish, RunsTheNodesInTheOrderInWhichTheyWereAdded) {
  const auto j = make_job();
  std::vector<int> order;
  note a{order, 1}, b{order, 2}, c{order, 3};
  for (auto* n : {&a, &b, &c}) when_done(*j, *n);
  EXPECT_TRUE(order.empty());
  finish(*j);
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(WhenDone, RunsAtOnceIfItIsDone) {
  const auto j = make_job();
  finish(*j);
  std::vector<int> order;
  note a{order, 1};
  when_done(*j, a);
  EXPECT_EQ(order.size(), 1U);
}

TEST(Wait, IsOverWhenTheJobIs) {
  for (int i = 0; i < 300; ++i) {
    const auto j = make_job();
    std::thread other{[&] { finish(*j); }};
    EXPECT_TRUE(wait(*j, duration::max()));
    other.join();
  }
}

TEST(Wait, WithATimeoutIsOverThen) {
  const auto j = make_job();
  EXPECT_FALSE(wait(*j, 0s));
  EXPECT_FALSE(wait(*j, -1s));
  EXPECT_FALSE(wait(*j, 2ms));
  finish(*j);
  EXPECT_TRUE(wait(*j, 0s));
}

}  // namespace
}  // namespace troupe::detail
