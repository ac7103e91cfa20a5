#include "runtime/ring.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <random>
#include <thread>

namespace troupe::detail {
namespace {

class Ring : public ::testing::Test {
 protected:
  Ring() : region(shared_region::create(fd)) {}
  ~Ring() override { close(fd); }
  int fd = -1;
  shared_region region;
};

TEST_F(Ring, IsSeenAlikeThroughASecondMapping) {
  const auto other = shared_region::open(fd);
  region.to_worker()[5] = std::byte{42};
  EXPECT_EQ(other.to_worker()[5], std::byte{42});
  EXPECT_EQ(other.page()->version, layout_version);
}

TEST_F(Ring, IsMappedTwiceInARow) {
  region.to_worker()[3] = std::byte{7};
  EXPECT_EQ(region.to_worker()[ring_size + 3], std::byte{7});
  region.to_host()[ring_size - 1] = std::byte{9};
  EXPECT_EQ(region.to_host()[2 * ring_size - 1], std::byte{9});
  EXPECT_NE(region.to_worker()[ring_size - 1], std::byte{9});
}

TEST_F(Ring, CannotBeResizedByAnybody) {
  EXPECT_NE(ftruncate(fd, 0), 0);
  EXPECT_NE(ftruncate(fd, 1 << 30), 0);
}

TEST_F(Ring, AForeignFileIsRefused) {
  std::FILE* f = std::tmpfile();
  EXPECT_THROW(shared_region::open(fileno(f)), usage_error);
  std::fclose(f);
}

TEST_F(Ring, GivesOutWhatWentInAcrossManyRounds) {
  constexpr std::size_t total = std::size_t{4} << 20;
  std::thread writing{[&] {
    ring_writer w{region.page()->to_host, region.to_host()};
    std::mt19937 random{1};
    for (std::size_t sent = 0; sent < total;) {
      const auto n = std::min<std::size_t>(padded(1 + random() % 5000), total - sent);
      while (w.room() < n) std::this_thread::yield();
      for (std::size_t i = 0; i < n; ++i) w.at()[i] = static_cast<std::byte>((sent + i) % 251);
      w.publish(n);
      sent += n;
    }
  }};
  ring_reader r{region.page()->to_host, region.to_host()};
  std::size_t got = 0, wrong = 0;
  while (got < total) {
    const auto n = r.available();
    ASSERT_TRUE(n);
    for (std::size_t i = 0; i < *n; ++i) wrong += r.at()[i] != static_cast<std::byte>((got + i) % 251);
    r.consume(*n);
    got += *n;
  }
  writing.join();
  EXPECT_EQ(wrong, 0U);
}

TEST_F(Ring, APositionThatCannotBeIsNoticed) {
  const ring_reader r{region.page()->to_host, region.to_host()};
  for (const std::uint64_t head : {std::uint64_t{1}, std::uint64_t{15}, ring_size + 16, ~std::uint64_t{0}}) {
    region.page()->to_host.head = head;
    EXPECT_FALSE(r.available()) << head;
  }
}

TEST_F(Ring, AReaderThatLiesGivesNoMoreRoomThanThereIs) {
  const ring_writer w{region.page()->to_worker, region.to_worker()};
  region.page()->to_worker.tail = 1'000'000;
  EXPECT_LE(w.room(), ring_size);
}

TEST_F(Ring, BytesMoveForwardOverTheSeam) {
  ring_writer w{region.page()->to_host, region.to_host()};
  w.publish(ring_size - 64);
  region.page()->to_host.tail = ring_size - 64;
  auto* const from = w.at(48);
  for (int i = 0; i < 200; ++i) from[i] = static_cast<std::byte>(i);
  w.move_forward(from, 64, 200);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(w.at(64)[i], static_cast<std::byte>(i)) << i;
}

TEST_F(Ring, ADoorbellIsNeverMissed) {
  auto& bell = region.page()->worker_bell;
  std::atomic<int> there{0}, seen{0};
  constexpr int rounds = 20'000;
  std::thread sleeper{[&] {
    for (int i = 1; i <= rounds; ++i) {
      bell.wait([&] { return there >= i; });
      seen = i;
    }
  }};
  for (int i = 1; i <= rounds; ++i) {
    there = i;
    if (bell.sleeper()) bell.ring();
    while (i % 100 == 0 && seen < i) std::this_thread::yield();
  }
  sleeper.join();
}

}  // namespace
}  // namespace troupe::detail
