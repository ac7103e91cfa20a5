// Streams: a map over an input without end, read only a little ahead of the results.
#include <cstddef>
#include <cstdio>
#include <troupe/troupe.hpp>

long collatz(long n) {
  long steps = 0;
  for (; n != 1; ++steps) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return steps;
}

// first, first + 1 … below last: any input range will do.
struct numbers {
  struct iterator {
    using value_type = long;
    using difference_type = std::ptrdiff_t;
    long at = 0;
    long operator*() const { return at; }
    iterator& operator++() { return ++at, *this; }
    iterator operator++(int) { return iterator{at++}; }
    bool operator==(const iterator&) const = default;
  };
  long first, last;
  iterator begin() const { return {first}; }
  iterator end() const { return {last}; }
};

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};

  long n = 0;
  for (long steps : pool.imap<collatz>(numbers{1, 1'000'000'000'000})) {  // input order
    ++n;
    if (steps > 110) {
      std::printf("the first above 110: %ld takes %ld steps\n", n, steps);
      break;  // what was read ahead is cancelled
    }
  }

  long sum = 0;
  for (long steps : pool.imap_unordered<collatz>(numbers{1, 1001}, {.window = 64}))
    sum += steps;  // as they end
  std::printf("up to 1000: %ld steps\n", sum);
}
