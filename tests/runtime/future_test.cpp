// What a future tells and does: the same for every placement.
#include "tests/runtime/support.hpp"

#include <atomic>
#include <coroutine>
#include <thread>
#include <unordered_map>

using namespace support;
using troupe::future_state;

namespace {

class Future : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Future, every_placement, placement_name);

void fail() { throw std::domain_error{"failed"}; }
void succeed() {}
std::string text(int n) { return std::string(static_cast<std::size_t>(n), 'x'); }
void busy(duration d) {
  const auto until = std::chrono::steady_clock::now() + d;
  while (std::chrono::steady_clock::now() < until) {
  }
}

/// A coroutine that begins at once and nobody waits for.
struct detached_coroutine {
  struct promise_type {
    detached_coroutine get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};
detached_coroutine add_up(troupe::pool& p, std::atomic<int>& sum) {
  const int four = co_await p.submit<square>(2);
  const int sixteen = co_await p.submit<square>(four);
  try {
    co_await p.submit<fail>();
  } catch (const std::domain_error&) {
    sum = four + sixteen;
  }
}

TEST_P(Future, GivesItsValueToEveryCopyAnyNumberOfTimes) {
  auto p = pool();
  const auto f = p.submit<text>(3);
  const auto copy = f;
  EXPECT_EQ(f.get(), "xxx");
  EXPECT_EQ(&f.get(), &copy.get());
  EXPECT_EQ(troupe::future<std::string>{f}.get(), "xxx");
  EXPECT_EQ(f.get(), "xxx");
}

TEST_P(Future, ThrowsItsErrorToEveryCopyAnyNumberOfTimes) {
  auto p = pool();
  const auto f = p.submit<fail>();
  for (const auto& copy : {f, f}) EXPECT_THROW(copy.get(), std::domain_error);
  EXPECT_EQ(what(f.error()), "failed");
}

TEST_P(Future, OutcomeTellsValueOrErrorWithoutThrowing) {
  auto p = pool();
  const auto good = p.submit<text>(2).outcome();
  EXPECT_TRUE(good);
  EXPECT_EQ(good.value(), "xx");
  EXPECT_EQ(good.error(), nullptr);
  const auto bad = p.submit<fail>().outcome();
  EXPECT_FALSE(bad.ok());
  EXPECT_THROW(bad.value(), std::domain_error);
  EXPECT_TRUE(p.submit<succeed>().outcome().has_value());
}

TEST_P(Future, OfAVoidFunctionGivesNothing) {
  auto p = pool();
  const auto f = p.submit<succeed>();
  f.get();
  f.get();
  EXPECT_EQ(f.error(), nullptr);
}

TEST_P(Future, EndsDoneAndAllItsQuestionsAgree) {
  auto p = pool();
  auto f = p.submit<square>(3);
  f.wait();
  EXPECT_TRUE(f.wait_for(0s));
  EXPECT_TRUE(f.done());
  EXPECT_FALSE(f.running());
  EXPECT_FALSE(f.cancelled());
  EXPECT_EQ(f.state(), future_state::done);
  EXPECT_FALSE(f.cancel());
  EXPECT_FALSE(f.cancel(troupe::kill));
  EXPECT_EQ(f.progress(), 1.0);
}

TEST_P(Future, EmptyOnesThrowUsageError) {
  troupe::future<int> none;
  EXPECT_FALSE(none.valid());
  EXPECT_THROW(none.get(), troupe::usage_error);
  EXPECT_THROW(none.done(), troupe::usage_error);
  auto p = pool(1);
  auto f = p.submit<square>(1);
  const auto moved = std::move(f);
  EXPECT_THROW(f.wait(), troupe::usage_error);  // NOLINT: what is moved from says so
  EXPECT_EQ(moved.get(), 1);
}

TEST_P(Future, CanBeAKey) {
  auto p = pool();
  std::unordered_map<troupe::future<int>, std::string> names;
  const auto a = p.submit<square>(1), b = p.submit<square>(2);
  names[a] = "a";
  names[b] = "b";
  EXPECT_EQ(names[troupe::future<int>{b}], "b");
  EXPECT_NE(a, b);
}

TEST_P(Future, ReceiptTellsWhatTheTaskCostAndWhere) {
  auto p = pool(1);
  const auto r = p.submit<busy>(30ms).receipt();
  EXPECT_EQ(r.worker, p.stats().workers.at(0).name);
  EXPECT_EQ(r.pid, p.stats().workers.at(0).pid);
  EXPECT_EQ(r.pid == p.apply<troupe::tasks::pid>(), true);
  EXPECT_EQ(r.attempts, 1);
  EXPECT_GE(r.ran, 30ms);
  EXPECT_GT(r.cpu, 0s);
  EXPECT_LE(r.cpu, r.ran);
  EXPECT_GE(r.queued, 0s);
  EXPECT_GE(p.submit<text>(1000).receipt().bytes_out, 1000U);
  EXPECT_GE(p.submit<troupe::tasks::echo>(std::string(1000, 'y')).receipt().bytes_in, 1000U);
}

TEST_P(Future, ThenIsCalledOnceWithTheFuture) {
  auto p = pool();
  std::atomic<int> sum{0};
  std::vector<troupe::future<int>> all;
  for (int i = 1; i <= 100; ++i) {
    all.push_back(p.submit<square>(1));
    all.back().then([&](const troupe::future<int>& f) { sum += f.get(); });
  }
  EXPECT_TRUE(eventually([&] { return sum == 100; }));
  p.submit<square>(1).get();
  EXPECT_EQ(sum, 100);
}

TEST_P(Future, ThenOnADoneFutureIsCalledAtOnceHere) {
  auto p = pool();
  const auto f = p.submit<square>(3);
  f.wait();
  std::thread::id caller;
  f.then([&](const auto&) { caller = std::this_thread::get_id(); });
  EXPECT_EQ(caller, std::this_thread::get_id());
}

TEST_P(Future, ThenIsCalledForErrorsToo) {
  auto p = pool();
  std::atomic<bool> seen{false};
  p.submit<fail>().then([&](const auto& f) { seen = is<std::domain_error>(f.error()); });
  EXPECT_TRUE(eventually([&] { return seen.load(); }));
}

TEST_P(Future, CoAwaitGivesValuesAndThrowsErrors) {
  auto p = pool();
  std::atomic<int> sum{0};
  add_up(p, sum);
  EXPECT_TRUE(eventually([&] { return sum == 20; }));
}

TEST_P(Future, ACallbackMaySubmit) {
  auto p = pool(1);
  std::atomic<int> result{0};
  p.submit<square>(2).then([&](const auto& f) {
    p.template submit<square>(f.get()).then([&](const auto& g) { result = g.get(); });
  });
  EXPECT_TRUE(eventually([&] { return result == 16; }));
}

TEST_P(Future, OutlivesPoolAndSystem) {
  std::vector<troupe::future<std::string>> all;
  {
    auto p = pool();
    for (int i = 0; i < 50; ++i) all.push_back(p.submit<text>(i));
  }
  end_system();
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(all[i].get().size(), i);
    EXPECT_EQ(all[i].state(), future_state::done);
    EXPECT_FALSE(all[i].cancel());
    EXPECT_FALSE(all[i].receipt().worker.empty());
  }
}

TEST_P(Future, MayBeDroppedBeforeItsTaskEnds) {
  auto p = pool();
  for (int i = 0; i < 500; ++i) p.submit<mark>(file("ran"), i);
  p.close();
  p.join();
  EXPECT_EQ(marks(file("ran")), 500);
}

}  // namespace
