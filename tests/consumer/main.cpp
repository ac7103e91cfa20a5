#include <troupe/troupe.hpp>

#include <cstdio>
#include <vector>

double cube(double x) { return x * x * x; }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2, .where = troupe::placement::process}};
  for (double y : pool.map<cube>(std::vector{1.0, 2.0, 3.0})) std::printf("%g\n", y);
}
