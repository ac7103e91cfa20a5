// Pools inside tasks.
#include "tests/runtime/support.hpp"

#include <numeric>
#include <thread>

using namespace support;
using troupe::placement;

namespace {

class Nested : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Nested, every_placement, placement_name);
int sum_in_pool(int where, int n) {
  troupe::system s;
  troupe::pool p{s, {.workers = 2, .where = static_cast<placement>(where)}};
  std::vector<int> xs(static_cast<std::size_t>(n));
  std::iota(xs.begin(), xs.end(), 0);
  const auto ys = p.map<square>(xs);
  return std::accumulate(ys.begin(), ys.end(), 0);
}
int depth(int n) {
  if (n == 0) return 0;
  troupe::system s;
  troupe::pool p{s, {.workers = 1}};
  return 1 + p.apply<depth>(n - 1);
}
int fails_in_pool() {
  troupe::system s;
  troupe::pool p{s, {.workers = 1}};
  return p.apply<odd_fails>(3);
}
int holds_a_pool(const std::string& gate) {
  troupe::system s;
  troupe::pool p{s, {.workers = 2}};
  const auto f = p.submit<pass_deaf>(gate, 1);
  return f.get();
}

TEST_P(Nested, ATaskMayHaveAPoolOfItsOwn) {
  auto p = pool(2);
  for (const auto inner : {placement::inline_, placement::thread, placement::process})
    EXPECT_EQ(p.apply<sum_in_pool>(static_cast<int>(inner), 50), 40425) << to_string(inner);
}

TEST_P(Nested, SeveralTasksMayHavePoolsAtOnce) {
  auto p = pool(3);
  EXPECT_EQ(p.map<sum_in_pool>(std::vector<int>(6, static_cast<int>(placement::process)), std::vector<int>(6, 50)),
            std::vector<int>(6, 40425));
}

TEST_P(Nested, AnErrorComesThroughBothPools) {
  auto p = pool(1);
  const auto error = p.submit<fails_in_pool>().error();
  EXPECT_TRUE(is<std::out_of_range>(error)) << what(error);
  EXPECT_EQ(what(error), "odd 3");
}

TEST_P(Nested, TooDeepIsAnErrorAndNoFlood) {
  auto p = pool(1);
  EXPECT_EQ(p.apply<depth>(3), 3);
  const auto error = p.submit<depth>(30).error();
  EXPECT_NE(what(error).find("nested"), std::string::npos) << what(error);
}

TEST_P(Nested, AKilledWorkerTakesItsOwnWorkersAlong) {
  if (!in_process()) GTEST_SKIP() << "only processes can be killed";
  auto p = pool(1);
  const turnstile t{file("gate")};
  auto f = p.submit<holds_a_pool>(t.path);
  ASSERT_TRUE(eventually([&] { return t.arrived() == 1; }));
  EXPECT_TRUE(f.cancel(troupe::kill));
  EXPECT_THROW(f.get(20s), troupe::cancelled_error);
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}



}  // namespace
