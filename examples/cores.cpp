// How many cores there are, and how many of them this process may use.
#include <cstdio>
#include <troupe/troupe.hpp>

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  std::printf("physical: %zu\n", troupe::cpu_count(troupe::physical));
  std::printf("usable: %zu\n", troupe::cpu_count());
}
