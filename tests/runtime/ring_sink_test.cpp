#include "runtime/worker_process.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace troupe::detail {
namespace {

// The worker's end writes; this side reads frames as the host does.
class RingSink : public ::testing::Test {
 protected:
  RingSink() : region(shared_region::create(fd)), bell(eventfd(0, EFD_NONBLOCK)),
               sink(region, bell), in(region.page()->to_host, region.to_host()) {}
  ~RingSink() override {
    close(fd);
    close(bell);
  }
  void write_items(std::size_t items, std::size_t bytes) {
    writer w{sink};
    for (std::size_t i = 0; i < items; ++i) {
      sink.mark = sink.cur;
      const std::vector<char> value(bytes, static_cast<char>('a' + i % 26));
      w.put(value.data(), value.size());
      sink.mark = sink.cur;
      cursor.committed = std::uint64_t{++committed} << 40 | sink.size();
    }
  }
  frame_header next(std::vector<std::byte>& payload) {
    while (*in.available() == 0) std::this_thread::yield();
    frame_header h;
    std::memcpy(&h, in.at(), sizeof h);
    if (h.length > ring_size - sizeof h) throw std::length_error{"a frame larger than the ring"};
    payload.assign(in.at(sizeof h), in.at(sizeof h) + h.length);
    in.consume(padded(sizeof h + h.length));
    make_room();
    return h;
  }
  // Frames up to the result, each in a word, pieces in a row in one; the results' bytes.
  std::vector<std::string> frames(std::string& results) {
    std::vector<std::string> all;
    for (std::string pieces;;) {
      std::vector<std::byte> payload;
      const auto h = next(payload);
      result_head r;
      std::memcpy(&r, payload.data(), sizeof r);
      const std::string bytes{reinterpret_cast<const char*>(payload.data()) + sizeof r, payload.size() - sizeof r};
      std::string word = to_string(h.kind);
      if (h.kind == frame_kind::piece && bytes.empty()) {
        word = "no piece";
        pieces.clear();
      } else if (h.kind == frame_kind::piece) {
        EXPECT_EQ(r.items, 0U);
        pieces += bytes;
      } else {
        results += std::exchange(pieces, {}) + bytes;
        word += " " + std::to_string(r.items);
      }
      if (all.empty() || all.back() != word) all.push_back(word);
      if (h.kind == frame_kind::result) return all;
    }
  }
  // A slice, run by a thread of its own as a worker does; what comes of it.
  template <class Run>
  std::vector<std::string> frames_of(std::uint32_t items, std::string& results, Run run) {
    cursor.reset(items);
    std::thread worker{[&] {
      sink.open(1, cursor);
      writer out{sink};
      reader args{{}};
      batch b{cursor, args, out};
      run(b);
      sink.close({.items = b.items(), .errors = b.errors()});
    }};
    auto all = frames(results);
    worker.join();
    return all;
  }
  static void succeed(batch& b, char letter, std::size_t bytes) {
    ASSERT_TRUE(b.next());
    b.begin_item();
    const std::vector<char> value(bytes, letter);
    b.out.put(value.data(), value.size());
    b.commit();
  }
  static void fail_behind(batch& b, std::size_t bytes) {
    ASSERT_TRUE(b.next());
    b.begin_item();
    const std::vector<char> value(bytes, '?');
    b.out.put(value.data(), value.size());
    try {
      throw std::runtime_error{"failed"};
    } catch (...) {
      b.fail();
    }
  }
  static std::string value(char letter, std::size_t bytes) { return '\0' + std::string(bytes, letter); }
  void make_room() {
    if (region.page()->worker_wants_room != 0) region.page()->worker_bell.ring();
  }

  int fd = -1;
  shared_region region;
  int bell;
  ring_sink sink;
  ring_reader in;
  slice_cursor cursor;
  std::uint32_t committed = 0;
};

TEST_F(RingSink, ASmallResultIsOneFrame) {
  sink.open(7, cursor);
  write_items(1, 100);
  sink.close({.items = 1});
  std::vector<std::byte> payload;
  const auto h = next(payload);
  EXPECT_EQ(h.kind, frame_kind::result);
  EXPECT_EQ(h.id, 7U);
  EXPECT_EQ(payload.size(), sizeof(result_head) + 100);
}

TEST_F(RingSink, WhatIsWholeGoesAheadAsAPartWhenTheRingIsFull) {
  constexpr std::uint32_t items = 100;
  std::thread worker{[&] {
    sink.open(1, cursor);
    write_items(items, 10'000);
    sink.close({.items = items});
  }};
  std::uint32_t got = 0;
  std::size_t bytes = 0;
  int parts = 0;
  for (;;) {
    std::vector<std::byte> payload;
    const auto h = next(payload);
    result_head r;
    std::memcpy(&r, payload.data(), sizeof r);
    got += r.items;
    for (std::size_t i = sizeof r; i < payload.size(); ++i, ++bytes)
      ASSERT_EQ(static_cast<char>(payload[i]), static_cast<char>('a' + bytes / 10'000 % 26));
    if (h.kind == frame_kind::result) break;
    ++parts;
  }
  worker.join();
  EXPECT_EQ(got, items);
  EXPECT_GT(parts, 1);
}

using words = std::vector<std::string>;
constexpr std::size_t large = 3'000'001;

TEST_F(RingSink, OneResultLargerThanTheRingComesInPieces) {
  std::string results;
  EXPECT_EQ(frames_of(1, results, [](batch& b) { succeed(b, 'a', large); }), (words{"piece", "result 1"}));
  EXPECT_TRUE(results == value('a', large));
}

TEST_F(RingSink, APieceTellsHowManyBytesAreToCome) {
  std::thread worker{[&] {
    sink.open(9, cursor);
    write_items(1, large);
    sink.close({.items = 1});
  }};
  std::vector<std::byte> payload;
  std::size_t got = 0;
  for (;;) {
    const auto h = next(payload);
    EXPECT_EQ(h.id, 9U);
    got += payload.size() - sizeof(result_head);
    if (h.kind == frame_kind::result) break;
    EXPECT_EQ(h.target, large - got);
  }
  worker.join();
  EXPECT_EQ(got, large);
}

TEST_F(RingSink, ALargeResultOfManySmallValuesComesInPieces) {
  std::string results;
  const auto run = [](batch& b) {
    ASSERT_TRUE(b.next());
    b.begin_item();
    for (std::size_t i = 0; i < large; ++i) b.out.put(static_cast<char>('a' + i % 26));
    b.commit();
  };
  EXPECT_EQ(frames_of(1, results, run), (words{"piece", "result 1"}));
  ASSERT_EQ(results.size(), 1 + large);
  for (std::size_t i = 0; i < large; ++i) ASSERT_EQ(results[i + 1], static_cast<char>('a' + i % 26)) << i;
}

TEST_F(RingSink, WhatIsWholeGoesAheadOfThePiecesOfAnother) {
  std::string results;
  const auto run = [](batch& b) {
    succeed(b, 'a', 10);
    succeed(b, 'b', 20);
    succeed(b, 'c', large);
    succeed(b, 'd', large);
    succeed(b, 'e', 30);
  };
  EXPECT_EQ(frames_of(5, results, run), (words{"part 2", "piece", "part 1", "piece", "result 2"}));
  EXPECT_TRUE(results == value('a', 10) + value('b', 20) + value('c', large) + value('d', large) + value('e', 30));
}

TEST_F(RingSink, AResultThatFailsTakesItsPiecesBack) {
  std::string results;
  const auto run = [](batch& b) {
    succeed(b, 'a', 10);
    fail_behind(b, large);
    succeed(b, 'b', 20);
  };
  EXPECT_EQ(frames_of(3, results, run), (words{"part 1", "piece", "no piece", "result 2"}));
  const auto first = value('a', 10), last = value('b', 20);
  ASSERT_GT(results.size(), first.size() + last.size());
  EXPECT_LT(results.size(), 500U);
  EXPECT_TRUE(results.starts_with(first + '\1')) << "no error";
  EXPECT_TRUE(results.ends_with(last));
}

TEST_F(RingSink, AResultThatFailsBehindALargeOneLeavesItAlone) {
  std::string results;
  const auto run = [](batch& b) {
    succeed(b, 'a', large);
    fail_behind(b, 10);
  };
  EXPECT_EQ(frames_of(2, results, run), (words{"piece", "result 2"}));
  EXPECT_TRUE(results.starts_with(value('a', large) + '\1'));
}

TEST_F(RingSink, ResultsThatNearlyFitAreWhole) {
  for (std::size_t n = ring_size / 4 - 200; n < ring_size / 4 + 200; n += 7)
    for (const std::size_t ahead : {std::size_t{0}, std::size_t{100}, ring_size / 4, ring_size - 500}) {
      std::string results;
      frames_of(3, results, [&](batch& b) {
        succeed(b, 'a', ahead);
        succeed(b, 'b', n);
        succeed(b, 'c', n);
      });
      ASSERT_TRUE(results == value('a', ahead) + value('b', n) + value('c', n)) << ahead << ' ' << n;
    }
}

TEST_F(RingSink, RefusesAResultThatNoHostWouldTake) {
  std::string results;
  const auto run = [](batch& b) {
    succeed(b, 'a', 10);
    ASSERT_TRUE(b.next());
    b.begin_item();
    const char c = 'b';
    const char* volatile bytes = &c;  // refused for their number: none is read
    EXPECT_THROW(b.out.put(bytes, default_max_frame), encode_error);  // and the byte ahead of it
    try {
      throw encode_error{"too large"};
    } catch (...) {
      b.fail();
    }
  };
  EXPECT_EQ(frames_of(2, results, run), (words{"part 1", "result 1"}));
  EXPECT_TRUE(results.starts_with(value('a', 10) + '\1'));
}

TEST_F(RingSink, RingsOnlyAHostThatSleeps) {
  sink.open(1, cursor);
  sink.close({});
  std::uint64_t n = 0;
  EXPECT_LT(read(bell, &n, sizeof n), 0);
  region.page()->host_armed = 1;
  sink.open(2, cursor);
  sink.close({});
  EXPECT_EQ(read(bell, &n, sizeof n), 8);
}

}  // namespace
}  // namespace troupe::detail
