#include "runtime/worker_process.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

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
    const bool whole = sizeof h + h.length <= ring_size;
    if (whole) {
      payload.assign(in.at(sizeof h), in.at(sizeof h) + h.length);
      in.consume(padded(sizeof h + h.length));
      make_room();
      return h;
    }
    in.consume(sizeof h);
    payload.clear();
    while (payload.size() < h.length) {
      while (*in.available() == 0) make_room();
      const auto n = std::min<std::size_t>(*in.available(), padded(h.length - payload.size()));
      const auto used = std::min<std::size_t>(n, h.length - payload.size());
      payload.insert(payload.end(), in.at(), in.at() + used);
      in.consume(n);
      make_room();
    }
    return h;
  }
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

TEST_F(RingSink, OneResultLargerThanTheRingComesInPieces) {
  std::thread worker{[&] {
    sink.open(1, cursor);
    write_items(1, 3'000'001);
    sink.close({.items = 1});
  }};
  std::vector<std::byte> payload;
  const auto h = next(payload);
  worker.join();
  EXPECT_EQ(h.length, sizeof(result_head) + 3'000'001);
  EXPECT_EQ(static_cast<char>(payload.back()), 'a');
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
