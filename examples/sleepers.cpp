// Nine threads that sleep at the same time. As processes: one word differs.
#include <chrono>
#include <cstdio>
#include <troupe/troupe.hpp>
#include <vector>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  const auto began = std::chrono::steady_clock::now();
  std::vector<troupe::worker<void>> jobs;
  for (int i = 1; i < 10; ++i)
    jobs.push_back(sys.spawn<troupe::tasks::sleep>({.where = troupe::placement::thread}, 500ms));
  for (const auto& j : jobs) j.join();
  const auto took = std::chrono::steady_clock::now() - began;
  std::printf("%zu sleepers, as long as one: %s\n", jobs.size(),
              took >= 500ms && took < 9 * 500ms ? "yes" : "no");
}
