#pragma once

#include <cstdint>
#include <utility>

namespace troupe::cli {

/// The slow way, on purpose: it is the work. fib(0) is 0, which the document's cannot reach.
inline std::uint64_t fib(int n) {
  return n < 2 ? static_cast<std::uint64_t>(n) : fib(n - 1) + fib(n - 2);
}

inline std::uint64_t fib_by_addition(int n) {
  std::uint64_t a = 0, b = 1;
  while (n-- > 0) a = std::exchange(b, a + b);
  return a;
}

inline constexpr int most_fib = 60;

}  // namespace troupe::cli
