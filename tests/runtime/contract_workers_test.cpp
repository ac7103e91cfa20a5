// A pool's workers: how many there are, who replaces them, who gets what.
#include "tests/runtime/support.hpp"

#include <numeric>

using namespace support;

namespace {

class Workers : public placed_test {
 protected:
  troupe::pool pool_with(troupe::pool_options o) {
    o.where = where();
    return clean_test::pool(o);
  }
};
INSTANTIATE_TEST_SUITE_P(, Workers, real_workers, placement_name);

std::uint64_t worker_id() { return troupe::this_worker::id(); }
std::string worker_name() { return troupe::this_worker::name(); }
int brief_nap(int x) {
  troupe::tasks::sleep(1ms);
  return x;
}

TEST_P(Workers, NewWorkersReplaceSpentOnesUnderADeepQueue) {
  const std::size_t tasks = under_asan ? 24 : 60;  // so many processes take their time to start
  for (const std::size_t max : {1, 2, 3}) {
    auto p = pool_with({.workers = 2, .max_tasks_per_worker = max});
    std::vector<troupe::future<std::uint64_t>> all;
    for (std::size_t i = 0; i < tasks; ++i) all.push_back(p.submit<worker_id>());
    std::map<std::uint64_t, std::size_t> used;
    for (const auto& f : all) ++used[f.get(60s)];
    EXPECT_GE(used.size(), tasks / max);
    for (const auto& [id, n] : used) EXPECT_LE(n, max) << "worker " << id;
    EXPECT_EQ(p.stats().lost, 0U);
    EXPECT_EQ(events("worker_lost"), 0);
  }
}

TEST_P(Workers, SpentWorkersLoseNothingOfAMap) {
  auto p = pool_with({.workers = 3, .max_tasks_per_worker = 7});
  std::vector<int> xs(500);
  std::iota(xs.begin(), xs.end(), 0);
  EXPECT_EQ(p.map<brief_nap>(xs), xs);
  EXPECT_GE(p.stats().restarts, 500U / 7 - 3);
}

TEST_P(Workers, ResizeChangesTheNumberOfWorkers) {
  auto p = pool(2);
  const auto workers = [&] { return p.stats().workers.size(); };
  p.resize(5);
  EXPECT_TRUE(eventually([&] {
    return workers() == 5 && events("worker_started") == 5;
  }));
  p.resize(1);
  EXPECT_TRUE(eventually([&] { return workers() == 1; }));
  EXPECT_EQ(p.apply<square>(3), 9);
  p.resize(2);
  EXPECT_TRUE(eventually([&] { return workers() == 2; }));
  EXPECT_THROW(p.resize(0), troupe::usage_error);
  EXPECT_THROW(p.resize(1'000'000), troupe::usage_error);
  EXPECT_EQ(p.stats().lost, 0U);
}

TEST_P(Workers, ResizeUnderLoadLosesNothing) {
  auto random = random_source();
  auto p = pool(2);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 3000; ++i) {
    all.push_back(p.submit<mark>(file("ran"), i));
    if (i % 100 == 0) p.resize(1 + random() % 6);
  }
  for (int i = 0; i < 3000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(20s), i);
  EXPECT_EQ(marks(file("ran")), 3000);
}

TEST_P(Workers, ShrinkingLetsRunningTasksEnd) {
  auto p = pool(3);
  const turnstile t{file("gate")};
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 3; ++i) all.push_back(p.submit<pass>(t.path, i));
  ASSERT_TRUE(eventually([&] { return t.arrived() == 3; }));
  p.resize(1);
  t.open();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(20s), i);
}

TEST_P(Workers, TwoHundredWorkersStartWorkAndEnd) {
  auto p = pool(200);
  std::vector<int> xs(2000);
  std::iota(xs.begin(), xs.end(), 0);
  EXPECT_EQ(p.map<brief_nap>(xs), xs);
  EXPECT_EQ(p.stats().workers.size(), 200U);
  EXPECT_EQ(p.stats().restarts, 0U);
}

TEST_P(Workers, WorkersHaveTheNamesThatWereAskedFor) {
  auto p = pool_with({.workers = 1, .name = "smith"});
  EXPECT_EQ(p.name(), "smith");
  EXPECT_EQ(p.apply<worker_name>(), "smith-1");
  EXPECT_EQ(p.stats().workers.at(0).name, "smith-1");
  EXPECT_EQ(pool(1).name().substr(0, 5), "pool-");
}

TEST_P(Workers, WorkIsGivenToAllWorkers) {
  auto p = pool(3);
  const turnstile t{file("gate")};
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 3; ++i) all.push_back(p.submit<pass>(t.path, i));
  EXPECT_TRUE(eventually([&] { return t.arrived() == 3; }));
  t.open();
}

int meet(int x, troupe::barrier all) {
  all.arrive_and_wait(20s);
  return x;
}

// As many as there are workers can wait for each other, however the workers come up.
TEST_P(Workers, ItemsOfAMapThatWaitForEachOtherRunAtOnce) {
  for (int round = 0; round < 10; ++round) {
    auto p = pool(4);
    const troupe::barrier all{sys(), 4};
    for (int again = 0; again < 3; ++again)
      EXPECT_EQ((p.map<meet>(std::vector{1, 2, 3, 4}, std::vector(4, all))),
                (std::vector{1, 2, 3, 4}));
  }
}

TEST_P(Workers, AShortTaskDoesNotWaitBehindALongOneWhileAnotherWorkerIsIdle) {
  auto p = pool(2);
  p.map<square>(std::vector<int>(200, 1));  // it has learned that tasks are short
  const turnstile t{file("gate")};
  const auto slow = p.submit<pass>(t.path, 1);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(p.submit<square>(i).get(20s), i * i);
  t.open();
}

TEST_P(Workers, WhatWasGivenAheadToABusyWorkerIsTakenByAnIdleOne) {
  auto p = pool(2);
  p.map<square>(std::vector<int>(200, 1));
  const turnstile t{file("gate")};
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 100; ++i)
    all.push_back(i == 3 ? p.submit<pass>(t.path, i) : p.submit<add>(i, 0));
  EXPECT_TRUE(eventually(
      [&] { return std::count_if(all.begin(), all.end(), [](auto& f) { return f.done(); }) == 99; }));
  t.open();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(20s), i);
}

}  // namespace
