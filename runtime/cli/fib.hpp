#pragma once

#include "runtime/cli/program.hpp"

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

/// --number
inline void add_fib_number(CLI::App& app, int& number) {
  add_number(app, "--number", "N", "compute fib of this", number, 0, 60);
}
/// Of a program that has no other flag.
inline program_body body_of_fib(CLI::App& app, int number, void (*run)(session&, int)) {
  const auto given = std::make_shared<int>(number);
  add_fib_number(app, *given);
  return [given, run](session& s) { run(s, *given); };
}

}  // namespace troupe::cli
