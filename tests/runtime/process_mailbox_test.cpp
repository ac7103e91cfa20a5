// The mailbox of a worker process, as the host writes to it and reads from it.
#include "tests/runtime/support.hpp"

#include <cstdlib>
#include <numeric>

using namespace support;

namespace {

class ProcessMailbox : public clean_test {};

std::size_t size_of(const std::string& text) { return text.size(); }
std::size_t pass_with(const std::string& turnstile, const std::string& text) {
  pass(turnstile, 0);
  return text.size();
}
std::string repeat(std::size_t n) { return std::string(n, 'r'); }

// The ring holds 256 KiB. Room enough for a piece of a large message is not room for all of this.
TEST_F(ProcessMailbox, AMessageThatFindsNoRoomYetKeepsNobodyWaiting) {
  auto busy = pool({.workers = 1}), other = pool({.workers = 1});
  for (const std::size_t size : {100'000, 120'000, 127'000}) {
    const turnstile one{file("one-" + std::to_string(size))}, two{file("two-" + std::to_string(size))};
    const auto first = busy.submit<pass>(one.path, 1);  // behind it two are given at once
    const auto second = busy.submit<pass_with>(two.path, std::string(size, 'x'));
    const auto third = busy.submit<size_of>(std::string(200'000, 'y'));
    one.open();
    EXPECT_TRUE(eventually([&] { return two.arrived() == 1; }));
    const auto o = other.submit<square>(5);
    EXPECT_TRUE(o.wait_for(10s)) << "the reactor waits for a task";
    two.open();
    EXPECT_EQ(first.get(), 1);
    EXPECT_EQ(second.get(), size);
    EXPECT_EQ(third.get(), 200'000U);
    EXPECT_EQ(o.get(), 25);
  }
}

TEST_F(ProcessMailbox, MessagesOfAnySizeArriveWholeAndInOrder) {
  auto p = pool({.workers = 1});
  auto random = random_source();
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 300; ++i) sizes.push_back(random() % (std::size_t{1} << (4 + random() % 17)));
  std::vector<troupe::future<std::size_t>> there;
  std::vector<troupe::future<std::string>> back;
  for (const auto n : sizes) {
    there.push_back(p.submit<size_of>(std::string(n, 'x')));
    back.push_back(p.submit<repeat>(n));
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(there[i].get(), sizes[i]);
    EXPECT_EQ(back[i].get(), repeat(sizes[i]));
  }
}

struct troublesome {
  std::uint64_t size = 0;
  enum : std::uint8_t { fine, throws, dies } how = fine;
  std::string text;
  template <class Archive>
  void save(Archive& a) const {
    a(repeat(size));
    if (how == throws) throw std::runtime_error{"cannot be encoded"};
    if (how == dies) std::abort();
  }
  template <class Archive>
  void load(Archive& a) {
    a(text);
  }
};
constexpr std::uint64_t large = 1 << 20;

/// Every tenth item goes wrong, and its value is large, as is every third.
template <auto How>
troublesome every_tenth(int i) {
  if (i % 10 == 9) return {large, How, {}};
  return {i % 3 == 2 ? large : static_cast<std::uint64_t>(i), troublesome::fine, {}};
}
template <auto How, class Error>
void expect_every_tenth(troupe::pool& p, int items) {
  std::vector<int> xs(static_cast<std::size_t>(items));
  std::iota(xs.begin(), xs.end(), 0);
  const auto chunk = xs.size();
  auto s = p.imap<every_tenth<How>>(xs, {.chunk = chunk, .window = chunk});
  auto it = s.begin();
  for (int i = 0; i < items; ++i, ++it) {
    if (i % 10 == 9) {
      EXPECT_THROW(*it, Error) << i;
    } else {
      const auto& text = (*it).text;
      EXPECT_EQ(text.size(), i % 3 == 2 ? large : static_cast<std::uint64_t>(i)) << i;
      EXPECT_EQ(text.find_first_not_of('r'), std::string::npos) << i;
    }
  }
}

TEST_F(ProcessMailbox, ALargeValueThatCannotBeEncodedFailsItsItemOnly) {
  auto p = pool({.workers = 1});
  expect_every_tenth<troublesome::throws, troupe::encode_error>(p, 200);
  EXPECT_EQ(p.stats().restarts, 0U);
}

TEST_F(ProcessMailbox, LargeValuesThatWereFinishedAreRecovered) {
  auto p = pool({.workers = 1, .restarts = {100, 1s}});
  expect_every_tenth<troublesome::dies, troupe::worker_lost>(p, 200);
  EXPECT_EQ(p.stats().lost, 20U);
}

TEST_F(ProcessMailbox, SmallAndLargeValuesOfAMapArriveInTheirPlaces) {
  auto p = pool({.workers = 2});
  auto random = random_source();
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 300; ++i) sizes.push_back(i % 2 == 0 ? random() % 100 : 200'000 + random() % 400'000);
  const auto all = p.map<repeat>(sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_EQ(all[i].size(), sizes[i]) << i;
    ASSERT_EQ(all[i].find_first_not_of('r'), std::string::npos) << i;
  }
}

}  // namespace
