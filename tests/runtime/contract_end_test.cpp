// Deadlines and cancelling: how a task ends before it is through.
#include "tests/runtime/support.hpp"

#include <thread>

using namespace support;
using troupe::future_state;

namespace {

class Deadline : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Deadline, real_workers, placement_name);
class Cancel : public placed_test {
 protected:
  troupe::future<int> held(troupe::pool& p) {
    auto f = p.submit<pass>(gate_.path, 1);
    EXPECT_TRUE(eventually([&] { return gate_.arrived() == 1; }));
    return f;
  }
  const turnstile gate_{file("gate")};
};
INSTANTIATE_TEST_SUITE_P(, Cancel, real_workers, placement_name);
class CancelInProcess : public clean_test {};

int until_stopped(const std::string& path) {
  while (!troupe::this_worker::stop_requested()) troupe::tasks::sleep(1h);
  return mark(path, 1);
}
int long_if_odd(int x) {
  if (x % 2 != 0) troupe::tasks::sleep(1h);
  return x;
}

TEST_P(Deadline, EndsATaskThatTakesLonger) {
  auto p = pool(1);
  const auto f = p.submit<troupe::tasks::sleep>({.deadline = 50ms}, 1h);
  EXPECT_THROW(f.get(20s), troupe::timeout_error);
  EXPECT_TRUE(f.done());
  EXPECT_EQ(f.state(), future_state::done);
  EXPECT_NE(what(f.error()).find("50 ms"), std::string::npos) << what(f.error());
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_P(Deadline, DoesNotTouchATaskThatIsQuickEnough) {
  auto p = pool(1);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(p.submit<square>({.deadline = 20s}, i).get(), i * i);
  EXPECT_EQ(p.stats().restarts, 0U);
}

TEST_P(Deadline, CountsFromTheStartOfTheTaskNotFromSubmit) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  const auto slow = p.submit<pass>(t.path, 1);
  const auto waiting = p.submit<square>({.deadline = 1s}, 3);
  EXPECT_FALSE(waiting.wait_for(1200ms));
  t.open();
  EXPECT_EQ(waiting.get(20s), 9);
}

TEST_P(Deadline, OfAThreadSetsTheStopTokenOfAProcessReplacesIt) {
  auto p = pool(1);
  const int before = p.apply<troupe::tasks::pid>();
  EXPECT_THROW(p.submit<until_stopped>({.deadline = 50ms}, file("stopped")).get(20s), troupe::timeout_error);
  const int after = p.submit<troupe::tasks::pid>().get(20s);
  EXPECT_EQ(before == after, !in_process());
  EXPECT_EQ(marks(file("stopped")), in_process() ? 0 : 1);
  EXPECT_EQ(p.stats().failed, 1U);
  EXPECT_EQ(p.stats().lost, 0U);
}

TEST_P(Deadline, EndsOneTaskAndNoneOfThoseBehindIt) {
  auto p = pool(2);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<long_if_odd>({.deadline = i < 6 && i % 2 != 0 ? 40ms : 20s}, i < 6 ? i : 2 * i));
  for (int i = 0; i < 20; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    if (i < 6 && i % 2 != 0) EXPECT_THROW(f.get(20s), troupe::timeout_error) << i;
    else EXPECT_EQ(f.get(20s), i < 6 ? i : 2 * i);
  }
}

TEST_P(Deadline, TheStopOfOneTaskIsNotTheStopOfTheNext) {
  auto p = pool(1);
  EXPECT_THROW(p.submit<troupe::tasks::sleep>({.deadline = 20ms}, 1h).get(20s), troupe::timeout_error);
  EXPECT_FALSE(p.submit([] { return troupe::this_worker::stop_requested(); }).get(20s));
}

TEST_P(Deadline, AroundItsVeryMomentThereIsOneOutcome) {
  auto p = pool(2);
  for (int i = 0; i < 40; ++i) {
    const auto f = p.submit<troupe::tasks::sleep>({.deadline = 3ms}, i * 150us);
    const auto first = what(f.error());
    EXPECT_TRUE(f.wait_for(20s));
    EXPECT_EQ(what(f.error()), first);
  }
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

TEST_P(Deadline, OfAStreamIsOfOneItem) {
  auto p = pool(2);
  auto s = p.imap<long_if_odd>(std::vector{0, 1, 2, 3, 4}, {.deadline = 1s});
  for (int i = 0; i < 5; ++i) {
    if (i % 2 != 0) EXPECT_THROW(s.next(), troupe::timeout_error) << i;
    else EXPECT_EQ(s.next(), i);
  }
  EXPECT_EQ(s.next(), std::nullopt);
}

TEST_P(Cancel, APendingTaskNeverRuns) {
  auto p = pool(1);
  const auto first = held(p);
  auto second = p.submit<mark>(file("ran"), 2);
  const auto copy = second;
  EXPECT_TRUE(second.cancel());
  EXPECT_EQ(copy.state(), future_state::cancelled);
  EXPECT_TRUE(copy.cancelled());
  EXPECT_TRUE(copy.done());
  EXPECT_THROW(copy.get(), troupe::cancelled_error);
  EXPECT_FALSE(second.cancel());
  gate_.open();
  EXPECT_EQ(first.get(), 1);
  EXPECT_EQ(p.apply<square>(3), 9);
  EXPECT_EQ(marks(file("ran")), 0);
}

TEST_P(Cancel, ARunningTaskRefuses) {
  auto p = pool(1);
  auto f = held(p);
  EXPECT_FALSE(f.cancel());
  gate_.open();
  EXPECT_EQ(f.get(), 1);
  EXPECT_FALSE(f.cancel());
}

TEST_P(Cancel, OfManyPendingTasksLeavesTheOthers) {
  auto p = pool(2);
  const auto first = held(p);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 1000; ++i) all.push_back(p.submit<mark>(file("ran"), i));
  int cancelled = 0;
  for (std::size_t i = 0; i < 1000; i += 2) cancelled += all[i].cancel() ? 1 : 0;
  gate_.open();
  int ran = 0;
  for (const auto& f : all) ran += f.outcome() ? 1 : 0;
  EXPECT_EQ(ran + cancelled, 1000);
  EXPECT_EQ(marks(file("ran")), ran);
  EXPECT_EQ(p.stats().pending, 0U);
}

TEST_P(Cancel, CallsBackToo) {
  auto p = pool(1);
  const auto first = held(p);
  auto f = p.submit<square>(1);
  std::atomic<bool> seen{false};
  f.then([&](const auto& g) { seen = g.cancelled(); });
  f.cancel();
  EXPECT_TRUE(eventually([&] { return seen.load(); }));
  gate_.open();
}

TEST_P(Cancel, OfAMapWorksUntilItHasBegun) {
  auto p = pool(1);
  const auto first = held(p);
  auto f = p.map_async<mark>(std::vector<std::string>(500, file("ran")), std::vector<int>(500, 1));
  EXPECT_TRUE(f.cancel());
  EXPECT_THROW(f.get(), troupe::cancelled_error);
  EXPECT_EQ(f.state(), future_state::cancelled);
  gate_.open();
  EXPECT_EQ(p.apply<square>(3), 9);
  EXPECT_EQ(marks(file("ran")), 0);
}

TEST_P(Cancel, RacingWithTheTaskHasOneWinner) {
  auto p = pool(2);
  int ran = 0;
  for (int i = 0; i < 500; ++i) {
    auto f = p.submit<mark>(file("ran"), i);
    const bool cancelled = f.cancel();
    EXPECT_EQ(f.outcome().has_value(), !cancelled);
    ran += cancelled ? 0 : 1;
  }
  EXPECT_EQ(marks(file("ran")), ran);
}

TEST_P(Cancel, WithKillOfAThreadsTaskIsRefused) {
  auto p = pool(1);
  auto f = held(p);
  const bool ended = f.cancel(troupe::kill);
  EXPECT_EQ(ended, in_process());
  gate_.open();
  if (in_process()) EXPECT_THROW(f.get(20s), troupe::cancelled_error);
  else EXPECT_EQ(f.get(20s), 1);
}

TEST_F(CancelInProcess, WithKillEndsARunningTaskAndReplacesItsWorker) {
  auto p = pool({.workers = 1});
  const turnstile t{file("gate")};
  auto f = p.submit<pass_deaf>(t.path, 1);
  ASSERT_TRUE(eventually([&] { return f.running(); }));
  EXPECT_TRUE(f.cancel(troupe::kill));
  EXPECT_THROW(f.get(20s), troupe::cancelled_error);
  EXPECT_EQ(f.state(), future_state::cancelled);
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
  EXPECT_EQ(p.stats().restarts, 1U);
  EXPECT_EQ(p.stats().lost, 0U);
  EXPECT_EQ(events("worker_lost"), 0);
}

TEST_F(CancelInProcess, WithKillHarmsNoneOfTheTasksBehind) {
  auto p = pool({.workers = 2});
  for (int round = 0; round < 10; ++round) {
    const turnstile t{file("gate" + std::to_string(round))};
    auto f = p.submit<pass_deaf>(t.path, 1);
    std::vector<troupe::future<int>> behind;
    for (int i = 0; i < 100; ++i) behind.push_back(p.submit<square>(i));
    ASSERT_TRUE(eventually([&] { return f.running(); }));
    EXPECT_TRUE(f.cancel(troupe::kill));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(behind[static_cast<std::size_t>(i)].get(20s), i * i);
  }
}

TEST_F(CancelInProcess, WithKillEndsAMapOnAllItsWorkers) {
  auto p = pool({.workers = 2});
  const turnstile t{file("gate")};
  auto f = p.map_async<pass_deaf>(std::vector<std::string>(8, t.path), std::vector<int>(8, 1));
  ASSERT_TRUE(eventually([&] { return t.arrived() == 2; }));
  EXPECT_TRUE(f.cancel(troupe::kill));
  EXPECT_THROW(f.get(20s), troupe::cancelled_error);
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
  EXPECT_EQ(t.arrived(), 2);
}

}  // namespace
