// A future while its task waits and runs: states, timeouts, progress, callbacks.
#include "tests/runtime/support.hpp"

#include <atomic>
#include <thread>

using namespace support;
using troupe::future_state;

namespace {

class FutureOfAWorker : public placed_test {
 protected:
  /// Submits a task that waits there, and sees it begun.
  troupe::future<int> held(troupe::pool& p, const turnstile& t) {
    auto f = p.submit<pass>(t.path, 1);
    EXPECT_TRUE(eventually([&] { return t.arrived() == 1; }));
    return f;
  }
};
INSTANTIATE_TEST_SUITE_P(, FutureOfAWorker, real_workers, placement_name);

TEST_P(FutureOfAWorker, IsPendingThenRunningThenDone) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto first = held(p, t);
  EXPECT_EQ(first.state(), future_state::running);
  const auto second = p.submit<square>(4);
  EXPECT_EQ(second.state(), future_state::pending);
  EXPECT_FALSE(first.done());
  t.open();
  EXPECT_EQ(second.get(), 16);
  EXPECT_EQ(first.state(), future_state::done);
}

TEST_P(FutureOfAWorker, OfManyWaitingTasksOnlyThoseThatReallyRunAreRunning) {
  auto p = pool(2);
  const turnstile t{file("gate")};
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<pass>(t.path, i));
  EXPECT_TRUE(eventually([&] { return t.arrived() == 2; }));
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](auto& f) { return f.running(); }), 2);
  EXPECT_EQ(p.stats().running, 2U);
  EXPECT_EQ(p.stats().pending, 18U);
  t.open();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), i);
}

TEST_P(FutureOfAWorker, GetWithATimeoutLeavesTaskAndPoolAlone) {
  auto p = pool(2);
  const turnstile t{file("gate")};
  const auto slow = held(p, t);
  EXPECT_THROW(slow.get(5ms), troupe::timeout_error);
  EXPECT_THROW(slow.get(0ms), troupe::timeout_error);
  EXPECT_THROW(slow.get(-1s), troupe::timeout_error);
  EXPECT_FALSE(slow.wait_for(1ms));
  EXPECT_EQ(p.apply<square>(3), 9);
  EXPECT_EQ(slow.state(), future_state::running);
  t.open();
  EXPECT_EQ(slow.get(20s), 1);
}

TEST_P(FutureOfAWorker, AHugeTimeoutIsForEver) {
  auto p = pool(1);
  EXPECT_EQ(p.submit<square>(2).get(duration::max()), 4);
  EXPECT_EQ(p.submit<square>(2).get(duration::max() - 1s), 4);
  EXPECT_EQ(p.submit<square>(2).get(std::chrono::hours{24 * 365 * 200}), 4);
}

TEST_P(FutureOfAWorker, TellsTheProgressOfItsTask) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto f = p.submit(
      [](const std::string& gate) {
        troupe::this_worker::progress(0.25);
        return pass(gate, 1);
      },
      t.path);
  EXPECT_TRUE(eventually([&] { return f.progress() == 0.25; }));
  t.open();
  f.get();
  EXPECT_EQ(f.progress(), 1.0);
}

TEST_P(FutureOfAWorker, ACallbackThatThrowsIsToldAndHarmsNobody) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto f = held(p, t);
  std::atomic<int> after{0};
  f.then([](const auto&) { throw std::runtime_error{"careless"}; });
  f.then([](const auto&) { throw 5; });
  f.then([&](const auto&) { ++after; });
  t.open();
  EXPECT_TRUE(eventually([&] { return after == 1; }));
  EXPECT_TRUE(eventually([&] { return events("callback_failed") == 2; }));
  EXPECT_EQ(sys().stats().failed_callbacks, 2U);
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_P(FutureOfAWorker, ACallbackThatBlocksHoldsUpNoTask) {
  auto p = pool(1);
  const turnstile t{file("gate")}, hold{file("hold")};
  const auto f = held(p, t);
  f.then([&](const auto&) { pass_deaf(hold.path, 1); });
  t.open();
  EXPECT_TRUE(eventually([&] { return hold.arrived() == 1; }));
  EXPECT_EQ(p.apply<square>(3), 9);
  hold.open();
}

TEST_P(FutureOfAWorker, MayBeWaitedForByManyThreads) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto f = held(p, t);
  std::atomic<int> sum{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { sum += f.get(); });
  t.open();
  threads.clear();
  EXPECT_EQ(sum, 8);
}

}  // namespace
