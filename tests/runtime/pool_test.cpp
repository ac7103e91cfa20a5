// map, starmap, map_async: the same for every placement.
#include "tests/runtime/ranges.hpp"
#include "tests/runtime/support.hpp"

#include <forward_list>
#include <list>
#include <numeric>
#include <ranges>
#include <set>
#include <sstream>

using namespace support;

namespace {

class Map : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Map, every_placement, placement_name);

std::vector<int> up_to(int n) {
  std::vector<int> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), 0);
  return v;
}
std::vector<int> squares(int n) {
  auto v = up_to(n);
  for (auto& x : v) x = square(x);
  return v;
}

void nothing(int) {}
void fails_at_seven(int x) {
  if (x == 7) throw std::invalid_argument{"seven"};
}
int fails_at(int x, int at) {
  if (x == at) throw std::out_of_range{"at " + std::to_string(x)};
  return x;
}
int fails_from_ten(int x) {
  if (x >= 10) throw std::out_of_range{std::to_string(x)};
  return x;
}
std::string joined(int a, const std::string& b, double c) {
  return std::to_string(a) + b + std::to_string(static_cast<int>(c));
}
int mark_or_fail(const std::string& path, int x) {
  if (x == 0) throw std::runtime_error{"the first"};
  return mark(path, x);
}
/// Takes a moment if x is small, so that later items end before earlier ones.
int slow_start(int x) {
  if (x < 4) troupe::tasks::sleep(20ms);
  return x;
}

TEST_P(Map, GivesResultsInInputOrder) {
  auto p = pool(3);
  EXPECT_EQ(p.map<square>(up_to(1000)), squares(1000));
  EXPECT_EQ(p.map<slow_start>(up_to(50)), up_to(50));
}

TEST_P(Map, TakesAnyInputRange) {
  auto p = pool();
  EXPECT_EQ(p.map<square>(std::list{1, 2, 3}), (std::vector{1, 4, 9}));
  EXPECT_EQ(p.map<square>(std::forward_list{4}), std::vector{16});
  EXPECT_EQ(p.map<square>(std::set{3, 1, 2}), (std::vector{1, 4, 9}));
  EXPECT_EQ(p.map<square>(numbers{0, 5}), squares(5));
  EXPECT_EQ(p.map<square>({1, 2}), (std::vector{1, 4}));
}

TEST_P(Map, TakesTheProxiesOfVectorBool) {
  auto p = pool();
  EXPECT_EQ(p.map([](bool b) { return !b; }, std::vector<bool>{true, false}),
            (std::vector<bool>{false, true}));
}

TEST_P(Map, EmptyInputGivesNothing) {
  auto p = pool();
  EXPECT_TRUE(p.map<square>(std::vector<int>{}).empty());
  EXPECT_TRUE(p.map_async<square>(std::vector<int>{}).get().empty());
  EXPECT_TRUE(p.starmap<add>(std::vector<std::pair<int, int>>{}).empty());
  p.map<nothing>(std::vector<int>{});
}

TEST_P(Map, AnEmptyMapAsyncIsDoneAtOnce) {
  auto p = pool();
  const auto f = p.map_async<square>(std::vector<int>{});
  EXPECT_TRUE(f.done());
  EXPECT_EQ(f.state(), troupe::future_state::done);
  EXPECT_EQ(f.receipt().attempts, 0);
}

TEST_P(Map, SeveralRangesGoSideBySideAndTheShortestEndsIt) {
  auto p = pool();
  EXPECT_EQ(p.map<add>(std::vector{1, 2, 3}, std::vector{10, 20}), (std::vector{11, 22}));
  EXPECT_EQ(p.map<add>(numbers{0}, std::vector{1, 2}), (std::vector{1, 3}));
  EXPECT_EQ(p.map<joined>(std::vector{1, 2}, std::vector<std::string>{"a", "b"}, std::vector{3.0, 4.0}),
            (std::vector<std::string>{"1a3", "2b4"}));
  EXPECT_TRUE(p.map<add>(std::vector{1}, std::vector<int>{}).empty());
}

TEST_P(Map, StarmapUnpacksTuplesAndPairs) {
  auto p = pool();
  EXPECT_EQ(p.starmap<add>(std::vector{std::pair{1, 2}, std::pair{3, 4}}), (std::vector{3, 7}));
  EXPECT_EQ(p.starmap<joined>(std::vector{std::tuple{1, std::string{"x"}, 2.0}}),
            std::vector<std::string>{"1x2"});
  EXPECT_EQ(p.starmap([](int a, int b) { return a - b; }, std::vector{std::tuple{5, 3}}),
            std::vector{2});
}

TEST_P(Map, VoidFunctionsMapToNothing) {
  auto p = pool();
  static_assert(std::is_void_v<decltype(p.map<nothing>(std::vector{1}))>);
  p.map<nothing>(up_to(100));
  p.map<nothing>({1});
  p.map_async<nothing>(up_to(100)).get();
  EXPECT_THROW(p.map<fails_at_seven>(up_to(100)), std::invalid_argument);
}

TEST_P(Map, ThrowsTheErrorWithTheLowestIndex) {
  auto p = pool(3);
  for (const int size : {11, 12, 500, 5000}) {
    const auto error = thrown_by([&] { p.map<fails_from_ten>(up_to(size)); });
    EXPECT_EQ(what(error), "10") << size;
    EXPECT_TRUE(is<troupe::task_error>(error));
  }
  EXPECT_THROW(p.map<fails_from_ten>({10}), std::out_of_range);
}

TEST_P(Map, AfterAnErrorWhatHasNotStartedIsCancelled) {
  auto p = pool(1);
  const auto error = thrown_by([&] {
    p.map<mark_or_fail>(std::vector<std::string>(20'000, file("ran")), up_to(20'000));
  });
  EXPECT_EQ(what(error), "the first");
  EXPECT_LT(marks(file("ran")), 19'999);
}

TEST_P(Map, APoolGoesOnAfterAFailedMap) {
  auto p = pool();
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(p.map<odd_fails>(up_to(300)), std::out_of_range);
    EXPECT_EQ(p.map<square>(up_to(300)), squares(300));
  }
}

TEST_P(Map, MapAsyncReturnsAFutureOfTheVector) {
  auto p = pool();
  const troupe::future<std::vector<int>> f = p.map_async<square>(up_to(100));
  const auto g = p.map_async<fails_from_ten>(up_to(100));
  EXPECT_EQ(f.get(), squares(100));
  EXPECT_THROW(g.get(), std::out_of_range);
  EXPECT_EQ(g.state(), troupe::future_state::done);
}

TEST_P(Map, ChunksNeverShow) {
  auto p = pool(3);
  EXPECT_EQ(p.map<square>(up_to(40'000)), squares(40'000));
  auto random = random_source();
  for (int round = 0; round < 5; ++round) {
    const int n = 100'000, at = static_cast<int>(random() % n);
    const auto error = thrown_by([&] { p.map<fails_at>(up_to(n), std::vector<int>(n, at)); });
    EXPECT_EQ(what(error), "at " + std::to_string(at));
  }
}

TEST_P(Map, OfSeveralMapsAtOnceEachGetsItsOwn) {
  auto p = pool(3);
  std::vector<troupe::future<std::vector<int>>> all;
  for (int i = 0; i < 50; ++i) all.push_back(p.map_async<add>(up_to(200), std::vector<int>(200, i)));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get()[7], 7 + i);
}

TEST_P(Map, ARangeThatThrowsThrowsAtTheCallAndLeavesThePoolAlone) {
  auto p = pool();
  const numbers bad{0, 10, [](int x) {
                      if (x == 5) throw std::runtime_error{"bad input"};
                      return x;
                    }};
  EXPECT_EQ(what(thrown_by([&] { p.map<square>(bad); })), "bad input");
  EXPECT_EQ(p.map<square>({2}), std::vector{4});
}

}  // namespace
