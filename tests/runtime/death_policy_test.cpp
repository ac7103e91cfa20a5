// What a pool makes of deaths: retries, breaking, replacement, deadlines. Processes only.
#include "tests/runtime/deaths.hpp"

#include <csignal>
#include <numeric>
#include <unistd.h>

using namespace support;
using troupe::loss_policy;
using troupe::worker_lost;

namespace {

class DeathOf : public clean_test {};

/// Dies the first `times` times it is run with this file.
int dies_at_first(const std::string& path, int times, int x) {
  if (mark(path, marks(path)) < times) raise(SIGKILL);
  return x;
}
int closes_all(int x) {
  for (int fd = 0; fd < 256; ++fd) close(fd);
  return x;
}

TEST_F(DeathOf, AWorkerIsMadeGoodByRetries) {
  auto p = pool({.workers = 4, .on_loss = loss_policy::retry_task});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 2000; ++i)
    all.push_back(i % 500 == 250 ? p.submit<dies_at_first>(file(std::to_string(i)), 1, i) : p.submit<add>(i, 0));
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(30s), i);
  EXPECT_EQ(all[250].receipt().attempts, 2);
  EXPECT_EQ(p.stats().lost, 0U);
  EXPECT_TRUE(eventually([&] { return p.stats().restarts == 4; }));
}

TEST_F(DeathOf, AMapsWorkersIsMadeGoodByRetries) {
  auto p = pool({.workers = 4, .on_loss = loss_policy::retry_task});
  std::vector<std::string> paths;
  std::vector<int> times(1000, 0), xs(1000);
  std::iota(xs.begin(), xs.end(), 0);
  for (int i = 0; i < 1000; ++i) paths.push_back(file(std::to_string(i)));
  for (const std::size_t i : {0, 333, 999}) times[i] = 2;
  EXPECT_EQ(p.map<dies_at_first>(paths, times, xs), xs);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(marks(paths[i]), 1 + times[i]) << "ran twice: " << i;
}

TEST_F(DeathOf, EveryWorkerByOneTaskEndsAfterItsRetries) {
  auto p = pool({.workers = 2, .on_loss = loss_policy::retry_task, .max_retries = 2});
  const auto f = p.submit<dies_at_first>(file("ran"), 1000, 1);
  std::vector<troupe::future<int>> others;
  for (int i = 0; i < 500; ++i) others.push_back(p.submit<add>(i, 1));
  ASSERT_TRUE(f.wait_for(30s));
  EXPECT_EQ(as<worker_lost>(f.error()).attempt(), 3);
  EXPECT_EQ(marks(file("ran")), 3);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(others[static_cast<std::size_t>(i)].get(30s), i + 1);
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_F(DeathOf, ACallMaySayItsOwnRetries) {
  auto p = pool({.workers = 2});
  EXPECT_EQ(p.submit<dies_at_first>({.retries = 2}, file("two"), 2, 5).get(30s), 5);
  EXPECT_THROW(p.submit<dies_at_first>({.retries = 1}, file("three"), 3, 5).get(30s), worker_lost);
  EXPECT_EQ(marks(file("three")), 2);
  auto q = pool({.workers = 2, .on_loss = loss_policy::retry_task});
  EXPECT_THROW(q.submit<dies_at_first>({.retries = 0}, file("one"), 1, 5).get(30s), worker_lost);
  EXPECT_EQ(marks(file("one")), 1);
}

TEST_F(DeathOf, AWorkerRunsNoTaskTwiceByDefault) {
  auto p = pool({.workers = 3});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 600; ++i)
    all.push_back(i % 100 == 50 ? p.submit<dies_at_first>(file("fatal"), 100, i) : p.submit<mark>(file("ran"), i));
  int lost = 0;
  for (const auto& f : all) {
    ASSERT_TRUE(f.wait_for(30s));
    lost += f.outcome() ? 0 : 1;
  }
  EXPECT_EQ(lost, 6);
  EXPECT_EQ(marks(file("fatal")), 6);
  EXPECT_EQ(marks(file("ran")), 594);
}

TEST_F(DeathOf, AWorkerBreaksThePoolIfAsked) {
  auto p = pool({.workers = 3, .on_loss = loss_policy::break_pool});
  EXPECT_EQ(p.apply<square>(3), 9);
  const turnstile t{file("gate")};
  const auto waits = p.submit<pass_deaf>(t.path, 1);
  const auto dies = p.submit<die>("exit(3)");
  std::vector<troupe::future<int>> behind;
  for (int i = 0; i < 50; ++i) behind.push_back(p.submit<pass_deaf>(t.path, i));
  ASSERT_TRUE(dies.wait_for(30s));
  EXPECT_TRUE(is<worker_lost>(dies.error()) || is<troupe::pool_broken>(dies.error())) << what(dies.error());
  for (const auto& f : behind) EXPECT_TRUE(f.wait_for(30s) && is<troupe::pool_broken>(f.error())) << what(f.error());
  EXPECT_TRUE(is<troupe::pool_broken>(waits.error())) << what(waits.error());
  const auto error = thrown_by([&] { p.submit<square>(1); });
  ASSERT_TRUE(is<troupe::pool_broken>(error)) << what(error);
  EXPECT_NE(what(error).find("exit 3"), std::string::npos) << what(error);
  EXPECT_EQ(as<troupe::pool_broken>(error).deaths().size(), 1U);
  p.close();
  EXPECT_TRUE(p.join(20s));
}

TEST_F(DeathOf, TooManyWorkersBreaksThePool) {
  auto p = pool({.workers = 2, .restarts = {3, 60s}});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<die>("raise 9"));
  int lost = 0, broken = 0;
  for (const auto& f : all) {
    ASSERT_TRUE(f.wait_for(30s));
    lost += is<worker_lost>(f.error()) ? 1 : 0;
    broken += is<troupe::pool_broken>(f.error()) ? 1 : 0;
  }
  EXPECT_EQ(lost + broken, 20);
  EXPECT_GE(lost, 4);
  EXPECT_LE(lost, 6);
  const auto error = thrown_by([&] { p.submit<square>(1); });
  EXPECT_NE(what(error).find("more than 3 deaths"), std::string::npos) << what(error);
  EXPECT_GE(as<troupe::pool_broken>(error).deaths().size(), 4U);
}

TEST_F(DeathOf, IdleWorkersFailsNothing) {
  auto p = pool({.workers = 4});
  for (int round = 0; round < 3; ++round) {
    const auto before = p.stats().restarts;
    std::vector<int> pids;
    ASSERT_TRUE(eventually([&] {
      pids.clear();
      for (const auto& w : p.stats().workers)
        if (w.pid != 0) pids.push_back(w.pid);
      return pids.size() == 4;
    }));
    kill(pids[0], SIGKILL);
    kill(pids[1], SIGTERM);
    EXPECT_EQ(p.map<square>(std::vector<int>(100, 3)), std::vector<int>(100, 9));
    EXPECT_TRUE(eventually([&] { return p.stats().restarts == before + 2; }));
  }
  EXPECT_EQ(p.stats().lost, 0U);
}

TEST_F(DeathOf, AWorkerIsToldWithoutAnyCallByTheUser) {
  auto p = pool({.workers = 1});
  const int pid = p.apply<troupe::tasks::pid>();
  kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return events("worker_lost") == 1; }));
  EXPECT_TRUE(eventually([&] { return kill(pid, 0) != 0; })) << "a zombie is left";
}

TEST_F(DeathOf, ByADeadlineEndsOnlyTheTaskThatOverstayed) {
  auto p = pool({.workers = 8});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 10'000; ++i)
    all.push_back(i == 4321 ? p.submit<die>({.deadline = 100ms}, "never") : p.submit<square>(i % 1000));
  for (int i = 0; i < 10'000; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    ASSERT_TRUE(f.wait_for(30s)) << i;
    if (i == 4321) EXPECT_TRUE(is<troupe::timeout_error>(f.error())) << what(f.error());
    else EXPECT_EQ(value_or_error(f), std::to_string((i % 1000) * (i % 1000)));
  }
  EXPECT_EQ(p.stats().lost, 0U);
}

TEST_F(DeathOf, AStoppedWorkerComesAtTheDeadline) {
  auto p = pool({.workers = 1});
  const auto f = p.submit<die>({.deadline = 200ms}, "raise 19");
  EXPECT_THROW(f.get(20s), troupe::timeout_error);
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

TEST_F(DeathOf, AWorkerStoppedWhileIdleHoldsUpNeitherTasksNorTheEndOfThePool) {
  auto p = pool({.workers = 2, .grace = 100ms});
  ASSERT_TRUE(eventually([&] { return p.stats().workers.at(0).pid != 0; }));
  kill(p.stats().workers.at(0).pid, SIGSTOP);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<square>(i));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(20s), i * i);
  p.terminate();
  EXPECT_TRUE(p.join(20s));
}

TEST_F(DeathOf, AWorkerThatClosedItsDescriptorsIsSeen) {
  auto p = pool({.workers = 1});
  for (int i = 0; i < 3; ++i) {
    const auto f = p.submit<closes_all>(i);
    ASSERT_TRUE(f.wait_for(20s));
    EXPECT_TRUE(f.outcome() || is<worker_lost>(f.error())) << what(f.error());
    EXPECT_EQ(p.submit<square>(3).get(20s), 9);
  }
}

TEST_F(DeathOf, AKeysWorkerKeepsTheOrderOfTheOthers) {
  auto p = pool({.workers = 3});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 30; ++i)
    all.push_back(i == 10 ? p.submit<die>({.key = "k"}, "raise 9") : p.submit<mark>({.key = "k"}, file("ran"), i));
  for (int i = 0; i < 30; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    ASSERT_TRUE(f.wait_for(20s));
    EXPECT_EQ(f.outcome().ok(), i != 10) << i;
  }
  EXPECT_EQ(marks(file("ran")), 29);
}

TEST_F(DeathOf, WorkersWhileOthersAreReplacedAndThePoolIsResized) {
  auto random = random_source();
  auto p = pool({.workers = 4, .max_tasks_per_worker = 20, .restarts = {1000, 1s}});
  std::vector<troupe::future<int>> all;
  int fatal = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool dies = random() % 50 == 0;
    fatal += dies ? 1 : 0;
    all.push_back(dies ? p.submit<die>("raise 9") : p.submit<square>(2));
    if (random() % 100 == 0) p.resize(1 + random() % 6);
  }
  int lost = 0;
  for (const auto& f : all) {
    ASSERT_TRUE(f.wait_for(60s));
    if (is<worker_lost>(f.error())) ++lost;
    else EXPECT_EQ(f.get(), 4);
  }
  EXPECT_EQ(lost, fatal);
}

TEST_F(DeathOf, AWorkerLeavesItsLastWordsInTheError) {
  auto p = pool({.workers = 1});
  const auto e = as<worker_lost>(p.submit<die>("noexcept").error());
  EXPECT_NE(e.stderr_tail().find("out of noexcept"), std::string::npos) << e.stderr_tail();
}

TEST_F(DeathOf, AWorkerTakesAlongWhatItStarted) {
  auto p = pool({.workers = 1});
  p.submit([](const std::string& path) {
     if (fork() == 0) {
       setenv("unused", "1", 1);
       pass_deaf(path, 1);
       _exit(0);
     }
     while (marks(path) == 0) usleep(1000);
     raise(SIGKILL);
   }, file("gate")).wait();
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

}  // namespace
