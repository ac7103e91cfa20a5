// imap, imap_unordered: lazy, bounded, item by item.
#include "tests/runtime/ranges.hpp"
#include "tests/runtime/support.hpp"

#include <ranges>
#include <set>
#include <thread>

using namespace support;

namespace {

class Stream : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Stream, every_placement, placement_name);
class StreamOfWorkers : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, StreamOfWorkers, real_workers, placement_name);

/// 0, 1, 2 … without end; counts how far it was read.
auto counting(int& read) {
  return numbers{0, INT_MAX, [&read](int i) {
                   read = i + 1;
                   return i;
                 }};
}
/// 0 … n-1, then it throws.
auto throwing_at(int n) {
  return numbers{0, INT_MAX, [n](int i) {
                   if (i == n) throw std::runtime_error{"bad input"};
                   return i;
                 }};
}
void nothing(int) {}
/// The rest of a stream: values as they are, errors as -1.
template <class S>
std::vector<int> rest(S& s) {
  std::vector<int> all;
  for (;;) {
    try {
      const auto x = s.next();
      if (!x) return all;
      all.push_back(*x);
    } catch (const std::out_of_range&) {
      all.push_back(-1);
    }
  }
}

TEST_P(Stream, GivesResultsInInputOrder) {
  auto p = pool(3);
  int expected = 0;
  for (const int y : p.imap<square>(numbers{0, 3000})) {
    EXPECT_EQ(y, expected * expected);
    ++expected;
  }
  EXPECT_EQ(expected, 3000);
}

TEST_P(Stream, UnorderedGivesAll) {
  auto p = pool(3);
  std::set<int> seen;
  for (const int y : p.imap_unordered<square>(numbers{0, 3000})) seen.insert(y);
  EXPECT_EQ(seen.size(), 3000U);
  EXPECT_EQ(*seen.rbegin(), 2999 * 2999);
}

TEST_P(Stream, OfNoInputIsEmpty) {
  auto p = pool();
  for ([[maybe_unused]] const int y : p.imap<square>(std::vector<int>{})) ADD_FAILURE();
  EXPECT_EQ(p.imap_unordered<square>(std::vector<int>{}).next(), std::nullopt);
}

TEST_P(Stream, ReadsItsInputNoFurtherThanItsWindow) {
  auto p = pool(2);
  int read = 0;
  auto s = p.imap<square>(counting(read), {.window = 10});
  EXPECT_LE(read, 1);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(s.next(), i * i);
    EXPECT_LE(read, i + 10 + 1);
  }
}

TEST_P(Stream, UnorderedReadsItsInputNoFurtherThanItsWindow) {
  auto p = pool(2);
  int read = 0;
  auto s = p.imap_unordered<square>(counting(read), {.chunk = 3, .window = 12});
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(s.next().has_value());
    EXPECT_LE(read, i + 12 + 1);
  }
}

TEST_P(Stream, ByDefaultReadsFourItemsAWorkerAhead) {
  auto p = pool(2);
  int read = 0;
  auto s = p.imap<square>(counting(read));
  s.next();
  EXPECT_LE(read, 9);
  EXPECT_GE(read, 2);
}

TEST_P(Stream, AnItemsErrorIsThrownByThatStepOnlyAndTheRestFollows) {
  auto p = pool(3);
  std::vector<int> expected;
  for (int i = 0; i < 400; ++i) expected.push_back(i % 2 != 0 ? -1 : i);
  for (const std::size_t chunk : {0, 1, 2, 7, 400}) {
    auto s = p.imap<odd_fails>(numbers{0, 400}, {.chunk = chunk, .window = 400});
    EXPECT_EQ(rest(s), expected) << chunk;
    auto u = p.imap_unordered<odd_fails>(numbers{0, 400}, {.chunk = chunk, .window = 400});
    auto all = rest(u);
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::count(all.begin(), all.end(), -1), 200) << chunk;
    EXPECT_EQ(all.size(), 400U) << chunk;
  }
}

TEST_P(Stream, AnItemsErrorIsThrownByTheDereferenceAndIterationGoesOn) {
  auto p = pool();
  auto s = p.imap<odd_fails>(std::vector{0, 1, 2, 3});
  auto it = s.begin();
  EXPECT_EQ(*it, 0);
  ++it;
  EXPECT_THROW(*it, std::out_of_range);
  ++it;
  EXPECT_EQ(*it, 2);
  ++it;
  EXPECT_THROW(*it, std::out_of_range);
  ++it;
  EXPECT_TRUE(it == s.end());
}

TEST_P(Stream, AfterALoopThatThrewANewLoopGoesOnBehindTheError) {
  auto p = pool();
  auto s = p.imap<odd_fails>(std::vector{0, 1, 2});
  std::vector<int> seen;
  const auto run = [&] {
    for (const int y : s) seen.push_back(y);
  };
  EXPECT_THROW(run(), std::out_of_range);
  run();
  EXPECT_EQ(seen, (std::vector{0, 2}));
}

TEST_P(Stream, AnInputThatThrowsDoesSoBehindTheResultsOfWhatItGave) {
  auto p = pool();
  for (const std::size_t chunk : {0, 1, 3}) {
    auto s = p.imap<square>(throwing_at(8), {.chunk = chunk});
    for (int i = 0; i < 8; ++i) EXPECT_EQ(s.next(), i * i);
    EXPECT_EQ(what(thrown_by([&] { s.next(); })), "bad input");
    EXPECT_EQ(s.next(), std::nullopt);
  }
  EXPECT_EQ(p.apply<square>(2), 4);
}

TEST_P(Stream, AnUnorderedInputThatThrowsLosesNothing) {
  auto p = pool();
  auto s = p.imap_unordered<square>(throwing_at(8));
  std::set<int> seen;
  for (int i = 0; i < 8; ++i) seen.insert(s.next().value());
  EXPECT_EQ(seen.size(), 8U);
  EXPECT_EQ(what(thrown_by([&] { s.next(); })), "bad input");
}

TEST_P(Stream, OfAVoidFunctionCountsItsItems) {
  auto p = pool();
  int n = 0;
  for ([[maybe_unused]] const auto& m : p.imap<nothing>(numbers{0, 50})) ++n;
  EXPECT_EQ(n, 50);
}

TEST_P(Stream, KeepsAContainerThatItWasGiven) {
  auto p = pool();
  auto s = p.imap<square>(std::vector{1, 2, 3});
  auto moved = std::move(s);
  EXPECT_EQ(rest(moved), (std::vector{1, 4, 9}));
}

TEST_P(Stream, TakesFunctionObjectsWithData) {
  auto p = pool();
  auto s = p.imap(troupe::function<int(int)>{troupe::fn<square>}, std::vector{1, 2, 3});
  EXPECT_EQ(rest(s), (std::vector{1, 4, 9}));
}

TEST_P(Stream, WindowsAndChunksThatCannotBeAreRefused) {
  auto p = pool();
  EXPECT_THROW(p.imap<square>(std::vector{1}, {.chunk = 5, .window = 4}), troupe::usage_error);
  EXPECT_THROW(p.imap<square>(std::vector{1}, {.deadline = 0s}), troupe::usage_error);
  p.close();
  EXPECT_THROW(p.imap<square>(std::vector{1}), troupe::closed_error);
}

TEST_P(Stream, ThatIsDroppedLeavesThePoolAlone) {
  auto p = pool(2);
  for (int round = 0; round < 50; ++round) {
    int read = 0;
    auto s = p.imap<square>(counting(read), {.window = 50});
    EXPECT_EQ(s.next(), 0);
  }
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_P(Stream, MayBeOneOfSeveral) {
  auto p = pool(2);
  auto a = p.imap<square>(numbers{0, 100});
  auto b = p.imap_unordered<square>(numbers{0, 100});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(a.next(), i * i);
    EXPECT_TRUE(b.next().has_value());
  }
}

TEST_P(StreamOfWorkers, UnorderedGivesTheQuickOnesFirst) {
  auto p = pool(2);
  const turnstile t{file("gate")};
  auto s = p.imap_unordered(
      [](const std::pair<std::string, int>& x) { return x.second == 0 ? pass(x.first, 0) : x.second; },
      std::vector<std::pair<std::string, int>>{{t.path, 0}, {t.path, 1}, {t.path, 2}, {t.path, 3}});
  EXPECT_EQ(s.next().value() + s.next().value() + s.next().value(), 6);
  t.open();
  EXPECT_EQ(s.next(), 0);
}

TEST_P(StreamOfWorkers, ThatIsDroppedCancelsWhatHasNotStarted) {
  auto p = pool(1);
  const turnstile t{file("gate")};
  {
    auto s = p.imap_unordered(
        [](const std::pair<std::string, int>& x) {
          return x.second == 0 ? 0 : x.second == 1 ? pass(x.first, 1) : mark(x.first + ".ran", 2);
        },
        [&] {
          std::vector<std::pair<std::string, int>> xs;
          for (int i = 0; i < 20; ++i) xs.emplace_back(t.path, i);
          return xs;
        }(), {.chunk = 1, .window = 20});
    EXPECT_EQ(s.next(), 0);
    ASSERT_TRUE(eventually([&] { return t.arrived() == 1; }));
  }
  t.open();
  p.close();
  p.join();
  EXPECT_EQ(marks(t.path + ".ran"), 0);
}

}  // namespace
