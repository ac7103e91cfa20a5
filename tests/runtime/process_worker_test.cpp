// The life of a worker process, as its pool sees it. (What it may do wrong: hostile_worker_test.)
#include "tests/runtime/support.hpp"

using namespace support;

namespace {

class ProcessWorker : public clean_test {
 protected:
  turnstile gate{file("gate")};
};

int tells_progress(const std::string& path, int x) {
  troupe::this_worker::progress(0.5);
  return x == 0 ? pass(path, x) : x;
}

// The worker that was last given an item of the map is gone, and its mailbox with it.
TEST_F(ProcessWorker, ProgressMayBeAskedWhenAWorkerOfAMapIsGone) {
  auto p = pool({.workers = 2, .max_tasks_per_worker = 1});
  const auto f = p.map_async([](const std::pair<std::string, int>& x) {
    return tells_progress(x.first, x.second);
  }, std::vector<std::pair<std::string, int>>{{gate.path, 0}, {"", 1}, {"", 2}, {"", 3}});
  EXPECT_TRUE(eventually([&] { return gate.arrived() == 1 && p.stats().done == 3; }));
  EXPECT_TRUE(eventually([&] { return p.stats().restarts >= 3; }));
  EXPECT_GE(f.progress(), 0.0);
  gate.open();
  EXPECT_EQ(f.get(), (std::vector{0, 1, 2, 3}));
}

}  // namespace
