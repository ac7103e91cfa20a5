// Results through a queue as they come, while the workers still run; closing it ends the loop.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <troupe/troupe.hpp>
#include <utility>
#include <vector>

using item = std::pair<int, double>;  // order, root

void sqrt_of_cube(int a, int order, const troupe::queue<item>& output) {
  output.put({order, std::sqrt(std::pow(a, 3))});
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::queue<item> output{sys};
  for (int x = 1; x < 8; ++x) sys.spawn<sqrt_of_cube>({}, x, x, output);

  std::vector<item> results;
  for (const auto& result : output) {
    results.push_back(result);
    if (results.size() == 7) output.close();
  }
  std::ranges::sort(results);
  for (const auto& [order, root] : results) std::printf("(%d, %.17g)\n", order, root);
}
