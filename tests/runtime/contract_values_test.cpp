// What is called, what goes there and what comes back.
#include "tests/runtime/support.hpp"

#include <chrono>
#include <filesystem>
#include <numeric>
#include <span>
#include <variant>

using namespace support;

namespace {

class Callable : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Callable, every_placement, placement_name);
class Values : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Values, every_placement, placement_name);

struct scaler {
  int factor = 0;
  int operator()(int x) const { return factor * x; }
  template <class Archive>
  void serialize(Archive& a) { a(factor); }
};
struct tools {
  static int twice(int x) { return 2 * x; }
};
int call_it(const troupe::function<int(int)>& f, int x) { return f(x); }
troupe::function<int(int)> choose(bool first) {
  return first ? troupe::function<int(int)>{troupe::fn<square>} : troupe::function<int(int)>{scaler{10}};
}
double sum(std::span<const double> xs) { return std::accumulate(xs.begin(), xs.end(), 0.0); }
std::size_t length(std::string_view text) { return text.size(); }
std::string both(std::string_view a, std::span<const int> b) { return std::string{a} + std::to_string(b.size()); }
std::string same(const std::string& text) { return text; }
std::vector<double> same_numbers(std::vector<double> xs) { return xs; }
std::string made(std::uint64_t n) { return std::string(n, 'm'); }
struct point {
  int x = 0;
  std::string name;
  std::optional<double> weight;
  bool operator==(const point&) const = default;
};
point mirrored(const point& p) { return {-p.x, p.name, p.weight}; }
using many = std::tuple<std::map<std::string, std::vector<int>>, std::variant<int, std::string>,
                        std::chrono::milliseconds, std::filesystem::path, std::array<char, 3>>;
many same_many(const many& m) { return m; }
int default_argument(int a, int b) { return a * 100 + b; }
bool no_throw(bool b) noexcept { return !b; }

TEST_P(Callable, FunctionsAndStaticMembers) {
  auto p = pool();
  EXPECT_EQ(p.submit<square>(5).get(), 25);
  EXPECT_EQ(p.apply<square>(5), 25);
  EXPECT_EQ(p.apply<&tools::twice>(4), 8);
  EXPECT_EQ(p.apply<no_throw>(true), false);
  EXPECT_EQ(p.submit<square>({.deadline = 20s}, 6).get(), 36);
}

TEST_P(Callable, LambdasWithoutCaptures) {
  auto p = pool();
  EXPECT_EQ(p.submit([](int a, int b) { return a - b; }, 5, 3).get(), 2);
  EXPECT_EQ(p.apply([] { return 7; }), 7);
  EXPECT_EQ(p.submit([](int a) { return -a; }, troupe::call_options{.deadline = 20s}, 3).get(), -3);
  EXPECT_EQ(p.map([](int a) { return a + 1; }, std::vector{1, 2}), (std::vector{2, 3}));
}

TEST_P(Callable, FunctionObjectsTakeTheirDataAlong) {
  auto p = pool();
  EXPECT_EQ(p.submit(scaler{3}, 5).get(), 15);
  EXPECT_EQ(p.map(scaler{4}, std::vector{1, 2, 3}), (std::vector{4, 8, 12}));
  EXPECT_EQ(p.map(scaler{2}, std::vector<int>(5000, 7)), std::vector<int>(5000, 14));
}

TEST_P(Callable, FunctionsAsValues) {
  auto p = pool();
  const troupe::function<int(int)> f = troupe::fn<square>, g = scaler{3};
  EXPECT_EQ(p.submit(f, 5).get(), 25);
  EXPECT_EQ(p.submit(g, 5).get(), 15);
  EXPECT_EQ(p.apply<call_it>(g, 7), 21);
  EXPECT_EQ(p.apply<choose>(true), f);
  EXPECT_EQ(p.apply<choose>(false)(2), 20);
  EXPECT_EQ(p.map(f, std::vector{1, 2}), (std::vector{1, 4}));
}

TEST_P(Callable, AnEmptyFunctionIsUnknown) {
  auto p = pool();
  EXPECT_THROW(p.submit(troupe::function<int(int)>{}, 1).get(), troupe::unknown_function);
}

TEST_P(Callable, OnesThatLookAlikeAreNotMixedUp) {
  auto p = pool();
  const auto a = [](int x) { return x + 1; };
  const auto b = [](int x) { return x + 2; };
  EXPECT_EQ(p.apply(a, 0) * 10 + p.apply(b, 0), 12);
}

TEST_P(Values, ArgumentsConvertAsInACall) {
  auto p = pool();
  EXPECT_EQ(p.apply<square>(short{3}), 9);
  EXPECT_EQ(p.apply<same>("literal"), "literal");
  EXPECT_EQ(p.apply<sum>(std::vector{1.0, 2.0}), 3.0);
  EXPECT_EQ(p.apply<default_argument>(1L, 2U), 102);
}

TEST_P(Values, ViewsSeeWhatWasSent) {
  auto p = pool();
  EXPECT_EQ(p.apply<length>(std::string(1000, 'x')), 1000U);
  EXPECT_EQ(p.apply<length>("four"), 4U);
  std::vector<double> xs(10'000);
  std::iota(xs.begin(), xs.end(), 0.0);
  EXPECT_EQ(p.apply<sum>(xs), 9999.0 * 5000);
  EXPECT_EQ(p.apply<both>("odd", std::vector{1, 2}), "odd2");
  EXPECT_EQ(p.map<length>(std::vector<std::string>{"a", "", "ccc"}), (std::vector<std::size_t>{1, 0, 3}));
}

TEST_P(Values, ClassesAndContainersArriveAsTheyAre) {
  auto p = pool();
  EXPECT_EQ(p.apply<mirrored>(point{3, "p", 2.5}), (point{-3, "p", 2.5}));
  const many m{{{"a", {1, 2}}, {"", {}}}, "text", 5ms, "/a/b", {'x', '\0', 'z'}};
  EXPECT_EQ(p.apply<same_many>(m), m);
  EXPECT_EQ(p.apply<troupe::tasks::echo>(std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST_P(Values, OfNoBytesArrive) {
  auto p = pool();
  EXPECT_EQ(p.apply<same>(""), "");
  EXPECT_TRUE(p.apply<same_numbers>(std::vector<double>{}).empty());
  EXPECT_EQ(p.apply<made>(std::uint64_t{0}), "");
}

TEST_P(Values, OfManySizesArriveWhole) {
  auto p = pool(1);
  auto random = random_source();
  for (std::size_t size : {1, 7, 63, 64, 65, 4095, 4096, 65'535, 65'536, 262'143, 1 << 20, (1 << 20) + 1, 3 << 20}) {
    std::string text(size, '\0');
    for (auto& c : text) c = static_cast<char>(random());
    EXPECT_EQ(p.apply<same>(text) == text, true) << size;
  }
}

TEST_P(Values, AroundTheSizeOfAMailboxArriveWhole) {
  auto p = pool(1);
  for (int power = 15; power <= 23; ++power)
    for (int off = -160; off <= 160; off += 8) {
      const auto n = static_cast<std::uint64_t>((1 << power) + off);
      const auto f = p.submit<made>(n);
      const auto g = p.submit<length>(std::string(n, 'x'));
      ASSERT_EQ(f.get().size(), n);
      ASSERT_EQ(g.get(), n);
    }
}

TEST_P(Values, OfSixteenMiBGoThereAndBack) {
  auto p = pool(2);
  std::vector<double> xs((16 << 20) / sizeof(double));
  std::iota(xs.begin(), xs.end(), 0.0);
  std::vector<troupe::future<std::vector<double>>> all;
  for (int i = 0; i < 4; ++i) all.push_back(p.submit<same_numbers>(xs));
  for (const auto& f : all) EXPECT_EQ(f.get() == xs, true);
}

TEST_P(Values, OfSixtyFourMiBGoThereAndBack) {
  auto p = pool(1);
  const std::string text(64 << 20, 'L');
  EXPECT_EQ(p.apply<same>(text) == text, true);
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_P(Values, SmallOnesPassLargeOnesOfOtherWorkers) {
  auto p = pool(2);
  const auto large = p.submit<made>(std::uint64_t{32 << 20});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(p.apply<square>(i), i * i);
  EXPECT_EQ(large.get().size(), std::size_t{32 << 20});
}

TEST_P(Values, LargeItemsOfAMapAndAStreamArrive) {
  auto p = pool(2);
  const std::vector<std::uint64_t> sizes{5 << 20, 10, 3 << 20, 0, 1 << 20};
  const auto all = p.map<made>(sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_EQ(all[i].size(), sizes[i]);
  std::size_t i = 0;
  for (const auto& text : p.imap<made>(sizes)) EXPECT_EQ(text.size(), sizes[i++]);
}

TEST_P(Values, MoveOutOfATemporaryFuture) {
  auto p = pool(1);
  std::string s = p.submit<made>(std::uint64_t{100}).get();
  EXPECT_EQ(s.size(), 100U);
}

}  // namespace
