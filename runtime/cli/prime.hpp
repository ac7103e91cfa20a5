// Numbers, prime or not.
#pragma once

#include <cstdint>
#include <vector>

namespace troupe::cli {

/// By trial division, as the documents do it: some 10^7 divisions for a prime near 3 * 10^14.
bool is_prime(std::uint64_t n);

/// By the test of Miller and Rabin with bases that make it certain for 64 bits: quick, and nothing
/// in common with is_prime.
bool is_prime_for_sure(std::uint64_t n);

/// `count` numbers from lowest_random up to, not including, highest_random: for a seed the same on
/// every machine.
inline constexpr std::uint64_t lowest_random = 100'000'000'000'000;
inline constexpr std::uint64_t highest_random = 500'000'000'000'000;
std::vector<std::uint64_t> random_numbers(std::size_t count, std::uint64_t seed);

}  // namespace troupe::cli
