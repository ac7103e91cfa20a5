// Streams: a map over an input without end, read only a little ahead of the results.
#include <cstdio>
#include <ranges>
#include <troupe/troupe.hpp>

long collatz(long n) {
  long steps = 0;
  for (; n != 1; ++steps) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return steps;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};

  long n = 0;
  for (long steps : pool.imap<collatz>(std::views::iota(1L))) {  // input order
    ++n;
    if (steps > 110) {
      std::printf("the first above 110: %ld takes %ld steps\n", n, steps);
      break;  // what was read ahead is cancelled
    }
  }

  long sum = 0;
  for (long steps : pool.imap_unordered<collatz>(std::views::iota(1L, 1001L), {.window = 64}))
    sum += steps;  // as they end
  std::printf("up to 1000: %ld steps\n", sum);
}
