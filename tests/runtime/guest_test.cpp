// The library is a good guest: what the host is and does stays the host's.
#include "tests/runtime/programs.hpp"
#include "tests/runtime/support.hpp"

#include <csignal>
#include <fstream>
#include <numeric>
#include <sys/stat.h>
#include <thread>

using namespace support;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

class Guest : public clean_test {};

class HostOfItsOwn : public clean_test, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(, HostOfItsOwn,
                         testing::Values("own_actors", "reaper", "ignores_children", "own_children",
                                         "blocked_signals", "alarm_storm", "few_descriptors"),
                         [](const auto& i) { return std::string{i.param}; });

TEST_P(HostOfItsOwn, WorksAndPrintsNothing) {
#if defined(__SANITIZE_ADDRESS__)
  // The sanitizer itself opens pipes to look at memory, and takes it for bad if it cannot.
  if (GetParam() == std::string{"few_descriptors"}) GTEST_SKIP() << "it needs descriptors itself";
#endif
  program host{"guest", {GetParam()}};
  EXPECT_EQ(host.end(), "exit 0");
  EXPECT_EQ(host.output(), "");
}

int fail(int x) { throw std::runtime_error{"on purpose " + std::to_string(x)}; }
int die(int) {
  raise(SIGKILL);
  return 0;
}

void use(troupe::system& sys, troupe::placement where) {
  troupe::pool p{sys, {.workers = 2, .where = where}};
  std::vector<int> xs(100);
  std::iota(xs.begin(), xs.end(), 0);
  EXPECT_EQ(p.map<square>(xs)[99], 99 * 99);
  EXPECT_THROW(p.apply<fail>(1), std::runtime_error);
  if (where == troupe::placement::process) {
    EXPECT_THROW(p.apply<die>(1), troupe::worker_lost);
  }
}

// At work, not only before and after.
TEST_F(Guest, TouchesNothingOfTheHostWhileItWorks) {
  auto mine = [] {
    auto now = footprint_now();
    for (const auto* own : {"processes", "descriptors", "threads"}) now.erase(own);
    return now;
  };
  const auto before = mine();
  auto threads = pool({.workers = 2, .where = troupe::placement::thread});
  auto processes = pool({.workers = 2});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(threads.apply<square>(i), i * i);
    EXPECT_EQ(processes.apply<square>(i), i * i);
    EXPECT_THROW(processes.apply<die>(1), troupe::worker_lost);
    EXPECT_EQ(mine(), before);
  }
}

// So that the host's handlers run on the host's threads.
TEST_F(Guest, BlocksAllSignalsInEveryThreadOfItsOwn) {
  const auto threads = [] {
    std::map<std::string, std::string> masks;
    for (const auto& e : fs::directory_iterator("/proc/self/task")) {
      std::ifstream in{e.path() / "status"};
      std::string name;
      for (std::string line; std::getline(in, line);) {
        if (line.starts_with("Name:")) name = line.substr(6);
        if (line.starts_with("SigBlk:")) masks[e.path().filename().string() + " " + name] = line.substr(8);
      }
    }
    return masks;
  };
  const auto before = threads();
  auto p1 = pool({.workers = 2, .where = troupe::placement::thread});
  auto p2 = pool({.workers = 2});
  const auto f = p1.submit<troupe::tasks::sleep>(duration{50ms});
  std::atomic<bool> called{false};
  f.then([&](const auto&) { called = true; });
  EXPECT_TRUE(eventually([&] { return called.load(); }));
  p2.apply<square>(2);
  for (const auto& [thread, mask] : threads()) {
    if (before.contains(thread)) continue;
    EXPECT_EQ(mask, "fffffffe7ffbfeff") << thread;  // all but KILL, STOP and two of the C library
  }
}

TEST_F(Guest, LeavesPlainCallsOfTheHostsThreadsAlone) {
  std::atomic<bool> stop{false};
  int disturbed = 0;
  std::jthread busy{[&] {
    while (!stop) {
      timespec t{0, 100'000};
      disturbed += nanosleep(&t, nullptr) == 0 ? 0 : 1;
    }
  }};
  use(sys(), troupe::placement::thread);
  use(sys(), troupe::placement::process);
  stop = true;
  busy.join();
  EXPECT_EQ(disturbed, 0) << "calls were interrupted";
}

TEST_F(Guest, TwoSystemsDoNotKnowEachOther) {
  std::optional<troupe::system> one{std::in_place}, two{std::in_place};
  std::optional<troupe::pool> a{std::in_place, *one, troupe::pool_options{.workers = 2}};
  troupe::pool b{*two, {.workers = 2}};
  EXPECT_THROW(a->apply<die>(1), troupe::worker_lost);
  EXPECT_EQ(b.apply<square>(3), 9);
  EXPECT_EQ(b.stats().restarts, 0U);
  a.reset();
  one.reset();
  EXPECT_EQ(b.apply<square>(4), 16);
}

std::size_t resident() {
  std::ifstream in{"/proc/self/statm"};
  std::size_t all = 0, here = 0;
  in >> all >> here;
  return here * 4096;
}

// Descriptors, threads and children are compared by the fixture.
TEST_F(Guest, AThousandSystemsInARowLeaveNothing) {
  constexpr int n = under_asan ? 100 : 1000;
  std::size_t half = 0;
  for (int i = 0; i < n; ++i) {
    if (i == n / 2) half = resident();
    troupe::system s;
    troupe::pool p{s, {.workers = 1, .where = troupe::placement::thread}};
    ASSERT_EQ(p.apply<square>(i % 100), (i % 100) * (i % 100));
    if (i % 20 == 0) {
      troupe::pool q{s, {.workers = 1}};
      ASSERT_EQ(q.apply<square>(i % 100), (i % 100) * (i % 100));
    }
  }
  if (!under_asan) {
    EXPECT_LT(resident(), half + (2U << 20));
  }
}

TEST_F(Guest, WithoutInitSaysWhatLineIsMissing) {
  program p{"no_init", {}};
  EXPECT_EQ(p.end(), "exit 0");
  EXPECT_THAT(p.output(), HasSubstr("troupe::init(argc, argv);"));
}

TEST_F(Guest, AProgramThatStartsItselfBeforeItsMainDoesNotGoOnForEver) {
  setenv("NESTED_START", file("starts").c_str(), 1);
  program p{"nested_start", {}};
  unsetenv("NESTED_START");
  EXPECT_EQ(p.end(), "exit 3");
  EXPECT_LT(marks(file("starts")), 10);
  EXPECT_THAT(p.output(), HasSubstr("has not reached troupe::init"));
}

int pool_in_a_task(int depth) {
  if (depth == 0) return 1;
  troupe::system s;
  troupe::pool p{s, {.workers = 1}};
  return 1 + p.apply<pool_in_a_task>(depth - 1);
}

TEST_F(Guest, PoolsInTasksOfPoolsMayNestAFewDeep) {
  auto p = pool({.workers = 1});
  EXPECT_EQ(p.apply<pool_in_a_task>(3), 4);
  EXPECT_TRUE(is<troupe::usage_error>(p.submit<pool_in_a_task>(12).error()));
}

}  // namespace
