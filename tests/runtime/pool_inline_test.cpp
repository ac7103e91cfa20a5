// Tasks that the calling thread runs itself: without workers, and while it would wait for its own.
#include "tests/runtime/support.hpp"

#include <numeric>
#include <thread>

using namespace support;
using troupe::placement;

namespace {

class Inline : public clean_test {
 protected:
  troupe::pool inline_pool() { return clean_test::pool({.where = placement::inline_}); }
};

int seven() { return 7; }

TEST_F(Inline, CountsWhatItWasGivenAndWhatCameOut) {
  auto p = inline_pool();
  for (int i = 0; i < 5; ++i) p.apply<seven>();  // no argument: no bytes
  EXPECT_EQ(p.stats().bytes_in, 0U);
  p.apply<square>(3);
  EXPECT_EQ(p.stats().bytes_in, sizeof(int));
  EXPECT_EQ(p.stats().done, 6U);
  EXPECT_EQ(p.stats().pending, 0U);
}

bool knows_itself() {
  return troupe::this_worker::pid() == getpid() && troupe::this_worker::parent_pid() == getppid() &&
         !troupe::this_worker::name().empty();
}

TEST_F(Inline, ATaskIsAWorkerWhileItRunsAndNoLonger) {
  auto p = inline_pool();
  const auto before = troupe::this_worker::name();
  EXPECT_TRUE(p.apply<knows_itself>());
  EXPECT_EQ(troupe::this_worker::name(), before);
}

class Waiting : public clean_test {
 protected:
  void TearDown() override {
    pool_of_tasks = other_pool = nullptr;
    clean_test::TearDown();
  }
  troupe::pool threads(std::size_t n) { return clean_test::pool({.workers = n, .where = placement::thread}); }

 public:
  static inline troupe::pool* pool_of_tasks = nullptr;
  static inline troupe::pool* other_pool = nullptr;
  static inline troupe::future<int> first, second;
};

int fib(int n) {
  if (n < 2) return n;
  const auto a = Waiting::pool_of_tasks->submit<fib>(n - 1), b = Waiting::pool_of_tasks->submit<fib>(n - 2);
  return a.get() + b.get();
}
int asks_own_pool(int x) { return Waiting::pool_of_tasks->apply<square>(x); }
int maps_own_pool(int n) {
  std::vector<int> xs(static_cast<std::size_t>(n), 1);
  const auto ys = Waiting::pool_of_tasks->map<square>(xs);
  return std::accumulate(ys.begin(), ys.end(), 0);
}
int streams_own_pool(int n) {
  int sum = 0;
  for (const int y : Waiting::pool_of_tasks->imap<square>(std::vector<int>(static_cast<std::size_t>(n), 1))) sum += y;
  for (const int y : Waiting::pool_of_tasks->imap_unordered<square>(std::vector<int>(static_cast<std::size_t>(n), 1))) sum += y;
  return sum;
}
int completes_own_pool(int n) {
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < n; ++i) all.push_back(Waiting::pool_of_tasks->submit<square>(1));
  int sum = 0;
  for (const auto& f : troupe::as_completed(all)) sum += f.get();
  return sum + static_cast<int>(troupe::wait(all).done.size());
}
int joins_own_pool(int x) {
  Waiting::pool_of_tasks->close();
  Waiting::pool_of_tasks->join();
  return x;
}
int waits_for_first(const std::string& gate) {
  pass(gate, 0);
  return Waiting::first.get();
}
int waits_for_second(const std::string& gate) {
  pass(gate, 0);
  return Waiting::second.get();
}
int goes_to_other(int n);
int comes_back(int n) { return n == 0 ? 0 : 1 + Waiting::pool_of_tasks->apply<goes_to_other>(n - 1); }
int goes_to_other(int n) { return n == 0 ? 0 : 1 + Waiting::other_pool->apply<comes_back>(n - 1); }

TEST_F(Waiting, ForItsOwnPoolProceedsWithASingleWorker) {
  auto p = threads(1);
  pool_of_tasks = &p;
  EXPECT_EQ(p.submit<asks_own_pool>(3).get(20s), 9);
  EXPECT_EQ(p.submit<fib>(12).get(20s), 144);
  EXPECT_EQ(p.submit<maps_own_pool>(500).get(20s), 500);
  EXPECT_EQ(p.submit<completes_own_pool>(50).get(20s), 100);
  EXPECT_EQ(p.submit<streams_own_pool>(100).get(20s), 200);
}

TEST_F(Waiting, ForItsOwnPoolProceedsWithSeveralWorkers) {
  auto p = threads(3);
  pool_of_tasks = &p;
  EXPECT_EQ(p.submit<fib>(13).get(20s), 233);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<maps_own_pool>(100));
  for (const auto& f : all) EXPECT_EQ(f.get(20s), 100);
}

TEST_F(Waiting, BackAndForthBetweenTwoPoolsProceedsOrIsADeadlock) {
  auto p = threads(1), q = threads(1);
  pool_of_tasks = &p;
  other_pool = &q;
  EXPECT_EQ(p.submit<goes_to_other>(1).get(20s), 1);
  const auto f = p.submit<goes_to_other>(2);  // its third step needs p's only worker, which waits
  const auto error = f.wait_for(20s) ? f.error() : nullptr;
  EXPECT_TRUE(is<troupe::would_deadlock>(error)) << what(error);
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

TEST_F(Waiting, ForEachOtherIsADeadlockAndTold) {
  auto p = threads(2);
  const turnstile t{file("gate")};
  first = p.submit<waits_for_second>(t.path);
  second = p.submit<waits_for_first>(t.path);
  ASSERT_TRUE(eventually([&] { return t.arrived() == 2; }));
  t.open();
  EXPECT_TRUE(is<troupe::would_deadlock>(first.wait_for(20s) ? first.error() : nullptr));
  EXPECT_TRUE(is<troupe::would_deadlock>(second.wait_for(20s) ? second.error() : nullptr));
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
  first = second = {};
}

TEST_F(Waiting, ForItselfIsADeadlockAndTold) {
  auto p = threads(1);
  const turnstile t{file("gate")};
  first = p.submit<waits_for_first>(t.path);
  t.open();
  EXPECT_TRUE(is<troupe::would_deadlock>(first.wait_for(20s) ? first.error() : nullptr));
  first = {};
}

TEST_F(Waiting, ForTheEndOfItsOwnPoolIsADeadlockAndTold) {
  auto p = threads(1);
  pool_of_tasks = &p;
  EXPECT_THROW(p.submit<joins_own_pool>(1).get(20s), troupe::would_deadlock);
}

TEST_F(Waiting, ForRoomInItsOwnPoolIsADeadlockAndTold) {
  auto p = clean_test::pool({.workers = 1, .where = placement::thread, .max_pending = 1});
  pool_of_tasks = &p;
  EXPECT_THROW(p.submit<asks_own_pool>(1).get(20s), troupe::would_deadlock);
}

TEST_F(Waiting, OnATaskOfAnotherPoolIsNoDeadlock) {
  auto p = threads(1), q = threads(1);
  const turnstile gate{file("gate")}, other{file("other")};
  first = q.submit<pass>(other.path, 7);
  const auto f = p.submit<waits_for_first>(gate.path);
  gate.open();
  EXPECT_FALSE(f.wait_for(50ms));
  other.open();
  EXPECT_EQ(f.get(20s), 7);
  first = {};
}

TEST_F(Waiting, ATaskMayDestroyItsOwnPool) {
  auto p = std::make_unique<troupe::pool>(sys(), troupe::pool_options{.workers = 1, .where = placement::thread});
  static std::unique_ptr<troupe::pool> doomed;
  doomed = std::move(p);
  const auto f = doomed->submit([](int x) {
    doomed.reset();
    return x;
  }, 5);
  EXPECT_EQ(f.get(20s), 5);
}

}  // namespace
