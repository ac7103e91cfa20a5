#include "serialization/large_blocks.hpp"
#include "tests/serialization/bytes.hpp"

#include <cstring>
#include <thread>

namespace {

using namespace troupe::detail;

constexpr std::size_t mib = std::size_t{1} << 20;

block filled(std::size_t size, int value) {
  const auto b = large_resize({}, size);
  std::memset(b.memory, value, b.size);
  return b;
}

bool holds(const block& b, std::size_t size, int value) {
  const auto* bytes = static_cast<const char*>(b.memory);
  for (std::size_t i = 0; i < size; i += 509)
    if (bytes[i] != static_cast<char>(value)) return false;
  return b.size >= size;
}

TEST(LargeBlocks, AreAtLeastAsLargeAsAskedFor) {
  for (const std::size_t size : {mib, mib + 1, 5 * mib - 1}) {
    const auto b = filled(size, 1);
    EXPECT_GE(b.size, size);
    large_free(b);
  }
}

TEST(LargeBlocks, KeepTheirBytesWhenTheyGrow) {
  auto b = filled(3 * mib, 7);
  const auto before = b.size;
  b = large_resize(b, 40 * mib);
  EXPECT_TRUE(holds(b, before, 7));
  EXPECT_GE(b.size, 40 * mib);
  large_free(b);
}

TEST(LargeBlocks, AreNeverGivenToTwo) {
  std::vector<block> all;
  for (int i = 0; i < 20; ++i) all.push_back(filled(mib, i));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(holds(all[static_cast<unsigned>(i)], mib, i));
  for (const auto& b : all) large_free(b);
}

TEST(LargeBlocks, AreNeverGivenToTwoThreads) {
  const auto churn = [](unsigned seed) {
    std::mt19937 random{seed};
    for (int round = 0; round < 200; ++round) {
      const auto size = mib + random() % (4 * mib);
      const auto b = filled(size, static_cast<int>(seed));
      EXPECT_TRUE(holds(b, size, static_cast<int>(seed)));
      large_free(b);
    }
  };
  std::thread other{churn, 1};
  churn(2);
  other.join();
}

TEST(LargeBlocks, OfImpossibleSizeAreBadAllocAndTheOldOneStays) {
  auto b = filled(2 * mib, 3);
  EXPECT_THROW(large_resize(b, ~std::size_t{0}), std::bad_alloc);
  EXPECT_THROW(large_resize({}, ~std::size_t{0} / 2), std::bad_alloc);
  EXPECT_TRUE(holds(b, 2 * mib, 3));
  large_free(b);
}

TEST(LargeBlocks, FreeingNoneIsFine) { large_free({}); }

}  // namespace
