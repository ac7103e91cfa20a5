#include "tests/runtime/places.hpp"

#include <csignal>
#include <fstream>
#include <numeric>
#include <unistd.h>

using namespace support;
using troupe::shared;

namespace {

class Shared : public placed_objects {};
INSTANTIATE_TEST_SUITE_P(, Shared, every_place, place_name);
class SharedMemory : public places_test {};

std::vector<std::int64_t> numbers(std::size_t n) {
  std::vector<std::int64_t> v(n);
  std::iota(v.begin(), v.end(), 1);
  return v;
}
std::int64_t sum(shared<std::int64_t> m) {
  const auto v = m.view();
  return std::accumulate(v.begin(), v.end(), std::int64_t{0});
}

TEST_P(Shared, IsSeenByEveryWorker) {
  const auto v = numbers(100'000);
  const shared<std::int64_t> m{sys(), v};
  EXPECT_EQ(m.size(), v.size());
  std::vector<std::function<std::int64_t()>> all;
  for (int i = 0; i < 8; ++i) all.push_back(begin<sum>(where(), m));
  for (auto& a : all) EXPECT_EQ(a(), 100'000LL * 100'001 / 2);
}

TEST_P(Shared, MayBeEmpty) {
  EXPECT_EQ(begin<sum>(where(), shared<std::int64_t>{sys(), {}})(), 0);
  EXPECT_EQ(begin<sum>(where(), shared<std::int64_t>{})(), 0);
}

struct point {
  double x, y;
};
double first_x(shared<point> m) { return m.view().front().x; }

TEST_P(Shared, HoldsAnythingThatCanBeCopiedAsBytes) {
  const std::vector<point> v{{1.5, 2}, {3, 4}};
  EXPECT_EQ(begin<first_x>(where(), shared<point>{sys(), v})(), 1.5);
}

int write_into(shared<std::int64_t> m) {
  *const_cast<std::int64_t*>(m.view().data()) = 7;
  return 0;
}

TEST_F(SharedMemory, NobodyCanChangeIt) {
  const auto v = numbers(10);
  const shared<std::int64_t> m{sys(), v};
  EXPECT_THROW(begin<write_into>(place::process, m)(), troupe::worker_lost);
  EXPECT_EQ(m.view()[0], 1);
}

std::size_t mappings() {
  std::ifstream in{"/proc/self/maps"};
  std::size_t n = 0;
  for (std::string line; std::getline(in, line);) n += line.find("troupe-shared") != std::string::npos;
  return n;
}
std::size_t mapped_by(shared<std::int64_t> m) { return m.size() == 0 ? 99 : mappings(); }
std::size_t mapped_now(int) { return mappings(); }

TEST_F(SharedMemory, IsMappedOnceAndGoneWithTheLastHandle) {
  auto p = pool({.workers = 1, .where = troupe::placement::process});
  {
    const shared<std::int64_t> m{sys(), numbers(1000)};
    const auto copy = m;
    EXPECT_EQ(p.apply<mapped_by>(m), 1U);
    EXPECT_EQ(p.apply<mapped_by>(copy), 1U);
    EXPECT_EQ(mappings(), 1U);
    EXPECT_EQ(p.apply<mapped_now>(0), 0U);
  }
  EXPECT_EQ(mappings(), 0U);
}

int take_and_die(shared<std::int64_t> m) {
  if (m.size() != 0) kill(getpid(), SIGKILL);
  return 0;
}

TEST_F(SharedMemory, IsGoneAlthoughItsHoldersCrashed) {
  auto m = std::make_unique<shared<std::int64_t>>(sys(), numbers(1000));
  EXPECT_THROW(begin<take_and_die>(place::process, *m)(), troupe::worker_lost);
  m.reset();
  EXPECT_EQ(mappings(), 0U);
}

TEST_F(SharedMemory, MayBeLarge) {
  const shared<std::int64_t> m{sys(), numbers(8 << 20)};
  EXPECT_EQ(begin<sum>(place::process, m)(), (8LL << 20) * ((8LL << 20) + 1) / 2);
}

}  // namespace
