// Bytes as the tests of serialization write and compare them.
#pragma once

#include <troupe/codec.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bytes {

using view = std::span<const std::byte>;
using block = std::vector<std::byte>;

inline std::string hex(view bytes) {
  std::string text;
  for (const auto b : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    text += digits[std::to_integer<unsigned>(b) >> 4];
    text += digits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

/// Spaces are for the reader.
inline block from_hex(std::string_view text) {
  block out;
  std::string pair;
  for (const char c : text) {
    if (c == ' ') continue;
    pair += c;
    if (pair.size() < 2) continue;
    out.push_back(static_cast<std::byte>(std::stoul(pair, nullptr, 16)));
    pair.clear();
  }
  return out;
}

/// A copy that ends where its memory ends, so that a sanitizer sees a read past it.
inline block exactly(view bytes) { return {bytes.begin(), bytes.end()}; }

template <class T>
block encoded(const T& value) {
  return exactly(troupe::detail::encoded(value).view());
}

/// A size as containers write it, and bytes that follow.
inline block size_tag(std::uint64_t n, std::size_t following = 0) {
  auto out = encoded(n);
  out.resize(out.size() + following);
  return out;
}

/// Printed, so that a failure can be repeated with TROUPE_SEED.
inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("TROUPE_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  }();
  ::testing::Test::RecordProperty("seed", std::to_string(value));
  std::printf("TROUPE_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

}  // namespace bytes
