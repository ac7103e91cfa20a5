#include <troupe/troupe.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

TEST(Tasks, AreThereForTries) {
  troupe::system sys;
  pool p{sys, {.workers = 1}};
  EXPECT_EQ(p.apply<tasks::echo>("hello"), "hello");
  EXPECT_NE(p.apply<tasks::pid>(), getpid());
  p.apply<tasks::sleep>(1ms);
}

TEST(Tasks, SleepEndsWhenItsWorkerIsAskedToStop) {
  troupe::system sys;
  pool p{sys, {.workers = 1, .where = placement::thread}};
  const auto f = p.submit<tasks::sleep>(1h);
  while (!f.running()) std::this_thread::yield();
  p.terminate();
  EXPECT_TRUE(p.join(30s));
}

}  // namespace
}  // namespace troupe
