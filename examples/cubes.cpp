// Seven processes put into one queue. All are joined before it is read: put() has delivered when
// it returns, so that this cannot wait for ever.
#include <algorithm>
#include <cstdio>
#include <troupe/troupe.hpp>
#include <utility>
#include <vector>

using item = std::pair<int, int>;  // order, cube

void cube(int a, int order, const troupe::queue<item>& output) { output.put({order, a * a * a}); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::queue<item> output{sys};
  std::vector<troupe::worker<void>> processes;
  for (int x = 1; x < 8; ++x) processes.push_back(sys.spawn<cube>({}, x, x, output));
  for (auto& process : processes) process.join();

  std::vector<item> results;
  for (std::size_t i = 0; i < processes.size(); ++i) results.push_back(output.get());
  std::ranges::sort(results);  // they come in any order
  for (const auto& [order, value] : results) std::printf("(%d, %d)\n", order, value);
}
