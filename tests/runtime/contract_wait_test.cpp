// Several futures at once: as_completed and wait.
#include "tests/runtime/support.hpp"

#include <set>

using namespace support;
using troupe::return_when;

namespace {

class AsCompleted : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, AsCompleted, every_placement, placement_name);
class WaitForSeveral : public placed_test {
 protected:
  turnstile gate(int i) const { return {file("gate" + std::to_string(i))}; }
  /// Three tasks that end when their gates open.
  std::vector<troupe::future<int>> three(troupe::pool& p) {
    std::vector<troupe::future<int>> all;
    for (int i = 0; i < 3; ++i) all.push_back(p.submit<pass>(gate(i).path, i));
    return all;
  }
};
INSTANTIATE_TEST_SUITE_P(, WaitForSeveral, real_workers, placement_name);

int pass_and_fail(const std::string& path, int x) {
  pass(path, x);
  throw std::out_of_range{"failed"};
}

TEST_P(AsCompleted, GivesEachFutureOnce) {
  auto p = pool(3);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 200; ++i) all.push_back(p.submit<square>(i));
  std::multiset<int> values;
  for (const auto& f : troupe::as_completed(all)) values.insert(f.get());
  EXPECT_EQ(values.size(), 200U);
  EXPECT_EQ(std::set<int>(values.begin(), values.end()).size(), 200U);
}

TEST_P(AsCompleted, GivesDuplicatesOnce) {
  auto p = pool();
  const auto a = p.submit<square>(1), b = p.submit<square>(2);
  int n = 0;
  for ([[maybe_unused]] const auto& f : troupe::as_completed(std::vector{a, b, a, a, b})) ++n;
  EXPECT_EQ(n, 2);
}

TEST_P(AsCompleted, OfNothingIsEmpty) {
  for ([[maybe_unused]] const auto& f : troupe::as_completed(std::vector<troupe::future<int>>{}))
    ADD_FAILURE();
}

TEST_P(AsCompleted, TakesFuturesOfSeveralPoolsAndSystems) {
  auto p = pool(), q = clean_test::pool({.workers = 1, .where = troupe::placement::thread});
  troupe::system other;
  troupe::pool r{other, {.workers = 1, .where = where()}};
  std::set<int> values;
  for (const auto& f : troupe::as_completed(
           std::vector{p.submit<square>(1), q.submit<square>(2), r.submit<square>(3)}))
    values.insert(f.get());
  EXPECT_EQ(values, (std::set{1, 4, 9}));
}

TEST_P(AsCompleted, GivesFailedFuturesLikeOthers) {
  auto p = pool();
  int failed = 0;
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 10; ++i) all.push_back(p.submit<odd_fails>(i));
  for (const auto& f : troupe::as_completed(all)) failed += f.outcome() ? 0 : 1;
  EXPECT_EQ(failed, 5);
}

TEST_P(WaitForSeveral, AsCompletedGivesThemInTheOrderInWhichTheyEnd) {
  auto p = pool(3);
  const auto all = three(p);
  std::vector<int> order;
  gate(2).open();
  for (const auto& f : troupe::as_completed(all)) {
    order.push_back(f.get());
    if (order.size() == 1) gate(0).open();
    if (order.size() == 2) gate(1).open();
  }
  EXPECT_EQ(order, (std::vector{2, 0, 1}));
}

TEST_P(WaitForSeveral, AsCompletedTellsHowManyAreUnfinishedAtItsTimeout) {
  auto p = pool(3);
  const auto all = three(p);
  gate(1).open();
  EXPECT_EQ(all[1].get(20s), 1);
  int seen = 0;
  const auto error = thrown_by([&] {
    for ([[maybe_unused]] const auto& f : troupe::as_completed(all, 20ms)) ++seen;
  });
  EXPECT_TRUE(is<troupe::timeout_error>(error));
  EXPECT_EQ(what(error), "2 (of 3) futures unfinished");
  EXPECT_EQ(seen, 1);
  gate(0).open();
  gate(2).open();
}

TEST_P(WaitForSeveral, AsCompletedMayBeAbandoned) {
  auto p = pool(3);
  const auto all = three(p);
  gate(1).open();
  for (const auto& f : troupe::as_completed(all)) {
    EXPECT_EQ(f.get(), 1);
    break;
  }
  gate(0).open();
  gate(2).open();
  EXPECT_EQ(all[2].get(), 2);
}

TEST_P(WaitForSeveral, ForAllReturnsWhenAllHaveEnded) {
  auto p = pool(3);
  auto all = three(p);
  for (int i = 0; i < 3; ++i) gate(i).open();
  all.push_back(all[0]);
  const auto r = troupe::wait(all);
  EXPECT_EQ(r.done.size(), 3U);
  EXPECT_TRUE(r.not_done.empty());
  EXPECT_EQ(r.done[1], all[1]);
}

TEST_P(WaitForSeveral, ForTheFirstReturnsWithTheOthersUnfinished) {
  auto p = pool(3);
  const auto all = three(p);
  gate(1).open();
  const auto r = troupe::wait(all, return_when::first_completed);
  EXPECT_EQ(r.done, std::vector{all[1]});
  EXPECT_EQ(r.not_done, (std::vector{all[0], all[2]}));
  gate(0).open();
  gate(2).open();
}

TEST_P(WaitForSeveral, ForTheFirstErrorPassesOverValues) {
  auto p = pool(3);
  const std::vector all{p.submit<pass>(gate(0).path, 0), p.submit<pass_and_fail>(gate(1).path, 1),
                        p.submit<pass>(gate(2).path, 2)};
  gate(0).open();
  all[0].wait();
  EXPECT_EQ(troupe::wait(all, return_when::first_exception, 50ms).done.size(), 1U);
  gate(1).open();
  const auto r = troupe::wait(all, return_when::first_exception);
  EXPECT_EQ(r.done.size(), 2U);
  EXPECT_EQ(r.not_done, std::vector{all[2]});
  gate(2).open();
}

TEST_P(WaitForSeveral, ForTheFirstErrorSeesACancelledOne) {
  auto p = pool(1);
  auto all = three(p);
  ASSERT_TRUE(eventually([&] { return gate(0).arrived() == 1; }));
  all[2].cancel();
  EXPECT_EQ(troupe::wait(all, return_when::first_exception).done, std::vector{all[2]});
  gate(0).open();
  gate(1).open();
}

TEST_P(WaitForSeveral, TimesOutWithoutThrowing) {
  auto p = pool(3);
  const auto all = three(p);
  const auto r = troupe::wait(all, return_when::all_completed, 20ms);
  EXPECT_TRUE(r.done.empty());
  EXPECT_EQ(r.not_done.size(), 3U);
  for (int i = 0; i < 3; ++i) gate(i).open();
}

TEST_P(WaitForSeveral, ForNothingReturnsAtOnce) {
  EXPECT_TRUE(troupe::wait(std::vector<troupe::future<int>>{}).done.empty());
  EXPECT_TRUE(troupe::wait(std::vector<troupe::future<int>>{}, return_when::first_completed).done.empty());
}

}  // namespace
