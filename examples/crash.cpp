// Tasks that take their worker down: each costs itself, or is tried again if you say so.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <troupe/troupe.hpp>
#include <vector>

int careless(int x) {
  if (x == 3) std::abort();
  if (x == 5) std::exit(7);
  return x;
}

// Fails the first time only: it leaves a mark before it dies.
int shaky(const std::string& mark) {
  if (!std::filesystem::exists(mark)) {
    std::ofstream{mark} << "was here";
    std::abort();
  }
  return 42;
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  {
    troupe::pool pool{sys, {.workers = 2}};
    std::vector<troupe::future<int>> all;
    for (int i = 1; i <= 6; ++i) all.push_back(pool.submit<careless>(i));
    for (const auto& f : all) {
      try {
        std::printf("%d\n", f.get());
      } catch (const troupe::worker_lost& e) {
        std::printf("lost: %s\n", e.exit_status().to_string().c_str());
      }
    }
  }
  const auto mark = (std::filesystem::temp_directory_path() /
                     ("troupe-example-" + std::to_string(troupe::this_worker::pid()))).string();
  {
    troupe::pool pool{sys, {.workers = 2, .on_loss = troupe::loss_policy::retry_task}};
    std::printf("tried again: %d\n", pool.apply<shaky>(mark));
  }
  std::filesystem::remove(mark);
}
