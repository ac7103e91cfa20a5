// A program whose main does not call troupe::init starts no process worker, and is told why.
#include <troupe/troupe.hpp>

#include <cstdio>

int main() {
  troupe::system sys;
  try {
    const troupe::pool p{sys, {.workers = 1}};
  } catch (const troupe::usage_error& e) {
    std::puts(e.what());
    return 0;
  }
  return 1;
}
