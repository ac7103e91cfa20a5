// What can be called: functions, lambdas, objects with data, and references to functions.
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <troupe/troupe.hpp>
#include <vector>

int twice(int x) { return 2 * x; }
int thrice(int x) { return 3 * x; }

struct scale {  // its data travels
  double factor;
  double operator()(double x) const { return factor * x; }
};

// A function may itself be an argument.
int twofold(const troupe::function<int(int)>& f, int x) { return f(f(x)); }

// A view of the received bytes: no copy in the worker.
double mean(std::span<const double> xs) {
  double sum = 0;
  for (double x : xs) sum += x;
  return sum / static_cast<double>(xs.size());
}
std::size_t words(std::string_view text) {
  std::size_t n = 1;
  for (char c : text) n += c == ' ' ? 1 : 0;
  return n;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};
  std::printf("%d\n", pool.apply<twice>(21));
  std::printf("%d\n", pool.apply([](int x) { return x - 1; }, 43));
  std::printf("%g\n", pool.apply(scale{1.5}, 28.0));
  std::printf("%d\n", pool.apply<twofold>(troupe::fn<thrice>, 5));
  std::printf("%g\n", pool.apply<mean>(std::vector{1.0, 2.0, 6.0}));
  std::printf("%zu\n", pool.apply<words>("to be or not to be"));
}
