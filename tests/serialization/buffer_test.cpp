#include "tests/serialization/bytes.hpp"

#include <troupe/detail/buffer.hpp>

#include <utility>

namespace {

using troupe::detail::buffer;
using troupe::detail::buffer_sink;

buffer counting(std::size_t n) {
  buffer b;
  b.resize(n);
  for (std::size_t i = 0; i < n; ++i) b.data()[i] = static_cast<std::byte>(i);
  return b;
}

bool counts(const buffer& b, std::size_t n) {
  if (b.size() != n) return false;
  for (std::size_t i = 0; i < n; ++i)
    if (b.data()[i] != static_cast<std::byte>(i)) return false;
  return true;
}

bool lies_inside(const buffer& b) {
  const auto self = reinterpret_cast<const std::byte*>(&b);
  return b.data() >= self && b.data() < self + sizeof b;
}

// On both sides of the 64 bytes that need no allocation, and of the large blocks.
class Buffer : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Buffer,
                         testing::Values(0, 1, 63, 64, 65, 1000, 1 << 20, (1 << 20) + 1));

TEST_P(Buffer, MovingKeepsTheBytesAndEmptiesTheSource) {
  auto from = counting(GetParam());
  buffer to{std::move(from)};
  EXPECT_TRUE(counts(to, GetParam()));
  EXPECT_TRUE(from.empty());  // NOLINT: that is the promise
  EXPECT_TRUE(lies_inside(from));
}

TEST_P(Buffer, MoveAssignmentReplacesWhatWasThere) {
  for (const std::size_t before : {0, 10, 500, 2'000'000}) {
    auto from = counting(GetParam());
    auto to = counting(before);
    to = std::move(from);
    EXPECT_TRUE(counts(to, GetParam()));
    EXPECT_TRUE(from.empty());  // NOLINT
  }
}

TEST_P(Buffer, AMovedFromBufferCanBeFilledAgain) {
  auto from = counting(GetParam());
  const buffer to{std::move(from)};
  from = counting(GetParam());
  EXPECT_TRUE(counts(from, GetParam()));
  EXPECT_TRUE(counts(to, GetParam()));
}

TEST_P(Buffer, SelfMoveKeepsTheBytes) {
  auto b = counting(GetParam());
  auto& same = b;
  b = std::move(same);
  EXPECT_TRUE(counts(b, GetParam()));
}

TEST_P(Buffer, GrowingKeepsTheBytes) {
  auto b = counting(GetParam());
  for (const std::size_t more : {5'000, 1'500'000, 9'000'000}) {
    b.reserve(more);
    EXPECT_TRUE(counts(b, GetParam()));
    EXPECT_GE(b.capacity(), more);
  }
}

TEST_P(Buffer, AppendedBytesFollowTheOthers) {
  const auto all = counting(200);
  buffer b;
  b.append(all.view().first(GetParam() % 200));
  b.append(all.view().subspan(GetParam() % 200));
  EXPECT_TRUE(counts(b, 200));
}

TEST_P(Buffer, ClearKeepsTheMemoryAndResetGivesItBack) {
  auto b = counting(GetParam());
  const auto capacity = b.capacity();
  b.clear();
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.capacity(), capacity);
  b.reset();
  EXPECT_EQ(b.capacity(), 64u);
  EXPECT_TRUE(lies_inside(b));
}

TEST(Buffer, SixtyFourBytesNeedNoAllocation) {
  EXPECT_TRUE(lies_inside(counting(64)));
  EXPECT_FALSE(lies_inside(counting(65)));
}

TEST(Buffer, GrowingDoublesSoThatAppendingIsLinear) {
  buffer b;
  std::size_t moves = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto before = b.capacity();
    b.append(counting(1).view());
    moves += b.capacity() != before;
  }
  EXPECT_LE(moves, 12u);
}

TEST(Buffer, AppendingNothingToNothingIsFine) {
  buffer b;
  b.append({});
  EXPECT_TRUE(b.empty());
}

TEST(BufferSink, WritesBehindWhatIsThereAndKeepsItsMarkWhenItMoves) {
  auto b = counting(10);
  buffer_sink to{b};
  troupe::writer out{to};
  for (int i = 10; i < 60; ++i) out.put(static_cast<std::uint8_t>(i));
  to.mark = to.cur;
  for (int i = 60; i < 256; ++i) out.put(static_cast<std::uint8_t>(i));
  EXPECT_EQ(to.mark - to.begin, 60);
  EXPECT_EQ(to.size(), 256u);
  to.done();
  EXPECT_TRUE(counts(b, 256));
}

TEST(BufferSink, ALargePieceGrowsItAtOnce) {
  buffer b;
  buffer_sink to{b};
  troupe::writer out{to};
  const auto piece = counting(100'000);
  out.put(piece.data(), piece.size());
  to.done();
  EXPECT_TRUE(counts(b, 100'000));
}

}  // namespace
