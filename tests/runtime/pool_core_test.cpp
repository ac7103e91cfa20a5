// A pool's life: closing, joining, terminating, destroying, resizing.
#include "tests/runtime/support.hpp"

#include <atomic>
#include <csignal>
#include <malloc.h>
#include <numeric>
#include <set>
#include <thread>

using namespace support;

namespace {

class Life : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Life, every_placement, placement_name);
class LifeOfWorkers : public placed_test {
 protected:
  troupe::pool pool_with(troupe::pool_options o) {
    o.where = where();
    return clean_test::pool(o);
  }
};
INSTANTIATE_TEST_SUITE_P(, LifeOfWorkers, real_workers, placement_name);

int brief_nap(int x) {
  troupe::tasks::sleep(1ms);
  return x;
}

TEST_P(Life, TakesNoNewWorkOnceClosed) {
  auto p = pool();
  const auto f = p.submit<square>(3);
  p.close();
  p.close();
  EXPECT_THROW(p.submit<square>(1), troupe::closed_error);
  EXPECT_THROW(p.map<square>({1}), troupe::closed_error);
  EXPECT_THROW(p.map<square>(std::vector<int>{}), troupe::closed_error);
  EXPECT_THROW(p.resize(3), troupe::closed_error);
  p.join();
  EXPECT_THROW(p.submit<square>(1), troupe::closed_error);
  EXPECT_EQ(f.get(), 9);
  EXPECT_TRUE(p.stats().workers.empty() || where() == troupe::placement::inline_);
}

TEST_P(Life, JoinOfAnOpenPoolIsAnError) {
  auto p = pool();
  EXPECT_THROW(p.join(), troupe::usage_error);
  EXPECT_THROW(p.join(1s), troupe::usage_error);
  p.close();
  EXPECT_TRUE(p.join(20s));
  p.join();
}

TEST_P(Life, ADestroyedPoolFinishesWhatItAccepted) {
  std::vector<troupe::future<int>> all;
  {
    auto p = pool();
    for (int i = 0; i < 2000; ++i) all.push_back(p.submit<mark>(file("ran"), i));
  }
  EXPECT_EQ(marks(file("ran")), 2000);
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), i);
}

TEST_P(Life, ADestroyedSystemFinishesWhatItsPoolsAccepted) {
  auto p = pool();
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 500; ++i) all.push_back(p.submit<mark>(file("ran"), i));
  end_system();
  EXPECT_EQ(marks(file("ran")), 500);
  EXPECT_THROW(p.submit<square>(1), troupe::closed_error);
  EXPECT_EQ(all.back().get(), 499);
}

TEST_P(Life, CanBeMoved) {
  auto a = pool();
  const auto f = a.submit<square>(2);
  auto b = std::move(a);
  EXPECT_EQ(b.apply<square>(3), 9);
  EXPECT_THROW(a.submit<square>(1), troupe::usage_error);  // NOLINT: what is moved from says so
  b = pool();
  EXPECT_EQ(b.apply<square>(4), 16);
  EXPECT_EQ(f.get(), 4);
}

TEST_P(Life, ManyThreadsMayUseOnePool) {
  auto p = pool(3);
  std::atomic<int> right{0};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) right += p.submit<add>(t, i).get() == t + i ? 1 : 0;
      std::vector<int> xs(200, t);
      right += p.map<square>(xs) == std::vector<int>(200, t * t) ? 1 : 0;
      for (const int y : p.imap_unordered<square>(xs)) right += y == t * t ? 1 : 0;
    });
  threads.clear();
  EXPECT_EQ(right, 8 * (300 + 1 + 200));
  EXPECT_EQ(p.stats().done, 8U * 700U);
}

TEST_P(Life, StatsAddUp) {
  auto p = pool(2);
  for (int i = 0; i < 100; ++i) p.submit<square>(i);
  thrown_by([&] { p.apply<odd_fails>(1); });
  p.map<square>(std::vector<int>(100, 1));
  EXPECT_TRUE(eventually([&] { return p.stats().done == 200; }));
  const auto s = p.stats();
  EXPECT_EQ(s.failed, 1U);
  EXPECT_EQ(s.pending + s.running + s.lost + s.restarts, 0U);
  EXPECT_GT(s.bytes_in, 0U);
  EXPECT_GT(s.bytes_out, 0U);
  std::uint64_t tasks = 0;
  for (const auto& w : s.workers) tasks += w.tasks;
  EXPECT_EQ(tasks, 201U);
  EXPECT_EQ(sys().stats().done, 200U);
}

TEST_P(Life, ManyPoolsOneAfterAnotherLeaveNothing) {
  for (int i = 0; i < 40; ++i) {
    auto p = pool(2);
    EXPECT_EQ(p.apply<square>(i), i * i);
  }
}

TEST_P(Life, ManySystemsAndPoolsLeaveNoMemory) {
  if (under_asan) GTEST_SKIP() << "it looks for leaks itself";
  const auto cycles = [&](int n) {
    for (int i = 0; i < n; ++i) {
      troupe::system s;
      troupe::pool p{s, {.workers = 2, .where = where()}};
      EXPECT_EQ(p.apply<square>(i), i * i);
    }
    return mallinfo2().uordblks;
  };
  const auto before = cycles(30);
  EXPECT_LT(cycles(100), before + 100 * 1024);
}

TEST_P(Life, APoolMayBeDestroyedInACallback) {
  auto p = std::make_unique<troupe::pool>(sys(), troupe::pool_options{.workers = 1, .where = where()});
  std::atomic<bool> gone{false};
  p->submit<brief_nap>(1).then([&](const auto&) {
    p.reset();
    gone = true;
  });
  EXPECT_TRUE(eventually([&] { return gone.load(); }));
}

TEST_P(Life, ASystemMayBeDestroyedInACallback) {
  auto s = std::make_unique<troupe::system>();
  auto p = std::make_unique<troupe::pool>(*s, troupe::pool_options{.workers = 1, .where = where()});
  std::atomic<bool> gone{false};
  const auto f = p->submit<brief_nap>(1);
  f.then([&](const auto&) {
    p.reset();
    s.reset();
    gone = true;
  });
  EXPECT_TRUE(eventually([&] { return gone.load(); }));
}

TEST_P(LifeOfWorkers, TerminateCancelsWhatWaitsAndEndsWhatRuns) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto running = p.submit<pass>(t.path, 1);
  const auto waiting = p.submit<mark>(file("ran"), 1);
  ASSERT_TRUE(eventually([&] { return running.running(); }));
  p.terminate();
  EXPECT_THROW(running.get(20s), troupe::cancelled_error);
  EXPECT_THROW(waiting.get(20s), troupe::cancelled_error);
  EXPECT_EQ(waiting.state(), troupe::future_state::cancelled);
  EXPECT_THROW(p.submit<square>(1), troupe::closed_error);
  EXPECT_TRUE(p.join(20s));
  p.terminate();
  EXPECT_EQ(marks(file("ran")), 0);
}

TEST_P(LifeOfWorkers, TerminateAfterCloseCutsItShort) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto f = p.submit<pass>(t.path, 1);
  p.close();
  EXPECT_FALSE(p.join(20ms));
  p.terminate();
  EXPECT_TRUE(p.join(20s));
  EXPECT_THROW(f.get(), troupe::cancelled_error);
}

TEST_P(LifeOfWorkers, ATaskThatIgnoresItsStopTokenIsKilledAfterTheGrace) {
  if (!in_process()) GTEST_SKIP() << "left behind instead: Program.EndsAlthoughAThreadIsLeftBehind";
  const turnstile t{file("gate")};
  auto p = pool_with({.workers = 1, .grace = 50ms});
  const auto f = p.submit([](const std::string& path) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    return pass_deaf(path, 1);
  }, t.path);
  ASSERT_TRUE(eventually([&] { return t.arrived() == 1; }));
  p.terminate();
  EXPECT_TRUE(p.join(20s));
  EXPECT_THROW(f.get(), troupe::cancelled_error);
}

TEST_P(LifeOfWorkers, ManyPoolsMayLiveAndEndInManyThreads) {
  sys();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      auto p = pool(2);
      EXPECT_EQ(p.apply<square>(i), i * i);
    });
}

// Submitters leave their tasks in the pool's inbox while all workers are busy: none may stay there.
TEST_P(Life, WhatEightThreadsSubmitIsAllRun) {
  auto p = pool();
  std::vector<std::thread> submitters;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t)
    submitters.emplace_back([&, t] {
      std::vector<std::pair<int, troupe::future<int>>> mine;
      for (int x = t * 500; x < (t + 1) * 500; ++x) mine.emplace_back(x, p.submit<square>(x));
      for (const auto& [x, f] : mine) right += f.get() == x * x;
    });
  for (auto& s : submitters) s.join();
  EXPECT_EQ(right, 8 * 500);
  EXPECT_EQ(p.stats().pending, 0u);
  EXPECT_EQ(p.stats().done, 8u * 500u);
}

TEST_P(LifeOfWorkers, WhatIsSubmittedWhileAllAreBusyIsCountedAndCancelled) {
  auto p = pool_with({.workers = 1});
  const turnstile t{file("gate")};
  const auto busy = p.submit<pass>(t.path, 1);
  ASSERT_TRUE(eventually([&] { return t.arrived() == 1; }));
  std::vector<troupe::future<int>> rest;
  for (int i = 0; i < 100; ++i) rest.push_back(p.submit<square>(i));
  auto last = p.submit<square>(7);
  EXPECT_EQ(p.stats().pending, 101U);
  EXPECT_TRUE(last.cancel());
  t.open();
  EXPECT_THROW(last.get(), troupe::cancelled_error);
  p.close();
  p.join();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rest[static_cast<std::size_t>(i)].get(), i * i);
}

}  // namespace
