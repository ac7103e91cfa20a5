#include "runtime/cli/prime.hpp"

#include <bit>
#include <cmath>
#include <random>

namespace troupe::cli {

namespace {

__extension__ using wide = unsigned __int128;

std::uint64_t product(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
  return static_cast<std::uint64_t>(static_cast<wide>(a) * b % modulus);
}

std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = product(result, base, modulus);
    base = product(base, base, modulus);
  }
  return result;
}

// Whether `base` shows that n, odd, is composite.
bool is_witness(std::uint64_t base, std::uint64_t n) {
  const int twos = std::countr_zero(n - 1);
  auto x = power(base % n, (n - 1) >> twos, n);
  if (x == 1 || x == n - 1) return false;
  for (int i = 1; i < twos; ++i) {
    x = product(x, x, n);
    if (x == n - 1) return false;
  }
  return true;
}

}  // namespace

bool is_prime(std::uint64_t n) {
  if (n < 2) return false;
  if (n == 2) return true;
  if (n % 2 == 0) return false;
  const auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
  for (std::uint64_t i = 3; i <= root; i += 2)
    if (n % i == 0) return false;
  return true;
}

bool is_prime_for_sure(std::uint64_t n) {
  constexpr std::uint64_t bases[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  if (n < 2) return false;
  for (const auto b : bases)
    if (n % b == 0) return n == b;
  for (const auto b : bases)
    if (is_witness(b, n)) return false;
  return true;
}

std::vector<std::uint64_t> random_numbers(std::size_t count, std::uint64_t seed) {
  // Not uniform_int_distribution: its numbers differ between standard libraries.
  std::mt19937_64 random{seed};
  std::vector<std::uint64_t> numbers(count);
  for (auto& n : numbers) n = lowest_random + random() % (highest_random - lowest_random);
  return numbers;
}

}  // namespace troupe::cli
