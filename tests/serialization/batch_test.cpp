#include "tests/serialization/bytes.hpp"

#include <troupe/detail/batch.hpp>
#include <troupe/exception.hpp>

#include <thread>

namespace {

using namespace troupe::detail;

std::uint32_t start_all(slice_cursor& c) {
  std::uint32_t n = 0;
  while (c.start_next()) ++n;
  return n;
}

slice_cursor& with(slice_cursor& c, std::uint32_t items, std::uint32_t started = 0) {
  c.reset(items);
  for (; started != 0; --started) c.start_next();
  return c;
}

// --- the cursor -----------------------------------------------------------------------------
TEST(SliceCursor, StartsEachItemOnce) {
  slice_cursor c;
  EXPECT_EQ(start_all(with(c, 5)), 5u);
  EXPECT_FALSE(c.start_next());
  EXPECT_EQ(c.started(), 5u);
}

TEST(SliceCursor, OfNoItemsStartsNone) {
  slice_cursor c;
  EXPECT_FALSE(c.start_next());
  EXPECT_FALSE(with(c, 0).start_next());
}

TEST(SliceCursor, CountsUpToItsLargestSlice) {
  slice_cursor c;
  c.reset(slice_cursor::max_items);
  EXPECT_EQ(c.limit(), slice_cursor::max_items);
  EXPECT_EQ(c.take_back(1), slice_cursor::max_items - 1);
  EXPECT_EQ(start_all(c), 1u);
}

TEST(SliceCursor, ResetForgetsAll) {
  slice_cursor c;
  with(c, 5, 3).committed.store(7);
  c.progress.store(0.5);
  c.reset(2);
  EXPECT_EQ(c.committed.load(), 0u);
  EXPECT_EQ(c.progress.load(), 0.0);
  EXPECT_EQ(start_all(c), 2u);
}

TEST(TakeBack, TakesTheLastItemsThatAreNotStarted) {
  slice_cursor c;
  EXPECT_EQ(with(c, 10, 4).take_back(), 6u);
  EXPECT_EQ(c.limit(), 4u);
  EXPECT_FALSE(c.start_next());
}

TEST(TakeBack, LeavesTheFirstOfThem) {
  slice_cursor c;
  EXPECT_EQ(with(c, 10, 4).take_back(2), 4u);
  EXPECT_EQ(start_all(c), 2u);
}

TEST(TakeBack, TakesNothingTwice) {
  slice_cursor c;
  EXPECT_EQ(with(c, 10, 4).take_back(), 6u);
  EXPECT_EQ(c.take_back(), 0u);
}

TEST(TakeBack, TakesNothingIfAllAreStartedOrToBeKept) {
  slice_cursor c;
  EXPECT_EQ(with(c, 3, 3).take_back(), 0u);
  EXPECT_EQ(with(c, 3, 1).take_back(2), 0u);
  EXPECT_EQ(with(c, 3, 1).take_back(~0U), 0u);
  EXPECT_EQ(with(c, 0).take_back(), 0u);
}

TEST(TakeBack, OfAForgedCursorTakesNothing) {
  slice_cursor c;
  c.claim.store(std::uint64_t{3} << 32 | 9);
  EXPECT_EQ(c.take_back(), 0u);
  EXPECT_FALSE(c.start_next());
}

TEST(TakeBack, RacingWithTheReceiverEveryItemIsStartedOrTakenButNeverBoth) {
  std::mt19937_64 random{bytes::seed()};
  for (int round = 0; round < 2'000; ++round) {
    constexpr std::uint32_t items = 50;
    slice_cursor c;
    c.reset(items);
    std::atomic<bool> go{false};
    std::uint32_t started = 0;
    std::thread receiver{[&] {
      while (!go.load()) {
      }
      started = start_all(c);
    }};
    const auto spin = random() % 500;
    go.store(true);
    for (std::uint64_t i = 0; i < spin; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
    const auto first = c.take_back(static_cast<std::uint32_t>(random() % 10));
    const auto second = c.take_back();
    receiver.join();
    ASSERT_EQ(started + first + second, items);
    ASSERT_EQ(c.started(), started);
    ASSERT_EQ(c.limit(), started);
  }
}

// --- the batch ------------------------------------------------------------------------------
struct slice {
  slice_cursor cursor;
  buffer results;
  buffer_sink to{results};
  troupe::writer out{to};
  troupe::reader args{{}};
  batch run{cursor, args, out};

  explicit slice(std::uint32_t items) { cursor.reset(items); }
  std::uint32_t committed_items() const {
    return static_cast<std::uint32_t>(cursor.committed.load() >> 40);
  }
  std::uint64_t committed_bytes() const {
    return cursor.committed.load() & slice_cursor::bytes_mask;
  }
  void succeed(std::int32_t value) {
    run.begin_item();
    troupe::encode(out, value);
    run.commit();
  }
  template <class E>
  void fail(E e) {
    try {
      throw e;
    } catch (...) {
      run.fail();
    }
  }
};

TEST(Batch, CommitsEachItemWithTheBytesUpToItsEnd) {
  slice s{2};
  ASSERT_TRUE(s.run.next());
  EXPECT_EQ(s.committed_items(), 0u);
  s.succeed(1);
  EXPECT_EQ(s.committed_items(), 1u);
  EXPECT_EQ(s.committed_bytes(), 5u);
  ASSERT_TRUE(s.run.next());
  s.succeed(2);
  EXPECT_EQ(s.committed_items(), 2u);
  EXPECT_EQ(s.committed_bytes(), 10u);
  EXPECT_FALSE(s.run.next());
  s.to.done();
  EXPECT_EQ(bytes::hex(s.results.view()), "0001000000" "0002000000");
}

TEST(Batch, AFailedItemReplacesItsHalfWrittenValue) {
  slice s{2};
  s.run.next();
  s.succeed(1);
  s.run.next();
  s.run.begin_item();
  troupe::encode(s.out, std::string(1000, 'x'));
  s.fail(std::runtime_error{"no"});
  s.to.done();
  EXPECT_LT(s.results.size(), 500u);
  EXPECT_EQ(s.results.data()[5], std::byte{1});
  troupe::reader in{s.results.view().subspan(6)};
  const auto error = load_exception(in, "w", 1);
  in.finish();
  EXPECT_THROW(std::rethrow_exception(error), troupe::task_error);
}

TEST(Batch, RemembersTheFirstItemThatFailedAndGoesOn) {
  slice s{4};
  EXPECT_EQ(s.run.first_error(), batch::no_error);
  for (int i = 0; s.run.next(); ++i) {
    if (i % 2 == 1) s.fail(i);
    else s.succeed(i);
  }
  EXPECT_EQ(s.run.items(), 4u);
  EXPECT_EQ(s.run.first_error(), 1u);
  EXPECT_EQ(s.run.errors(), 2u);
}

TEST(Batch, EndsWhenTheRestIsTakenBack) {
  slice s{5};
  s.run.next();
  s.succeed(1);
  EXPECT_EQ(s.cursor.take_back(), 4u);
  EXPECT_FALSE(s.run.next());
}

// A sink that has no more room.
struct full_sink final : sink {
  std::byte memory[8];
  full_sink() {
    begin = cur = mark = memory;
    end = memory + sizeof memory;
  }
  void overflow(const void*, std::size_t) override { throw std::bad_alloc{}; }
};

TEST(Batch, StopsWhenNotEvenTheErrorCanBeTold) {
  slice_cursor cursor;
  cursor.reset(3);
  full_sink to;
  troupe::writer out{to};
  troupe::reader args{{}};
  batch run{cursor, args, out};
  ASSERT_TRUE(run.next());
  try {
    run.begin_item();
    troupe::encode(out, std::string(100, 'x'));
    run.commit();
  } catch (...) {
    run.fail();
  }
  EXPECT_TRUE(run.out_of_memory());
  EXPECT_FALSE(run.next());
  EXPECT_EQ(run.items(), 0u);
  EXPECT_EQ(to.size(), 0u);
}

// A sink that has sent off what lay ahead of its window, of an item that then fails.
struct sending_sink final : sink {
  std::byte memory[4096];
  int rewound = 0;
  sending_sink() {
    begin = cur = mark = memory;
    end = memory + sizeof memory;
  }
  void overflow(const void*, std::size_t) override { throw std::bad_alloc{}; }
  void rewind() noexcept override {
    ++rewound;
    cur = mark;
  }
};

TEST(Batch, TellsTheSinkThatWhatItSentOfAnItemIsNothing) {
  slice_cursor cursor;
  cursor.reset(2);
  sending_sink to;
  troupe::writer out{to};
  troupe::reader args{{}};
  batch run{cursor, args, out};
  ASSERT_TRUE(run.next());
  run.begin_item();
  run.commit();
  EXPECT_EQ(to.rewound, 0);
  ASSERT_TRUE(run.next());
  run.begin_item();
  try {
    throw std::runtime_error{"no"};
  } catch (...) {
    run.fail();
  }
  EXPECT_EQ(to.rewound, 1);
  EXPECT_EQ(to.memory[0], std::byte{0});
  EXPECT_EQ(to.memory[1], std::byte{1});
}

int bad_allocs = 0;

TEST(Batch, TellsTheHookOfBadAllocAndOfNothingElse) {
  on_bad_alloc.store([]() noexcept { ++bad_allocs; });
  slice s{2};
  s.run.next();
  s.fail(std::bad_alloc{});
  s.run.next();
  s.fail(std::logic_error{"other"});
  on_bad_alloc.store(nullptr);
  EXPECT_EQ(bad_allocs, 1);
  EXPECT_EQ(s.run.errors(), 2u);
}

}  // namespace
