// The worker's end of calls: many threads of one worker process, and of one that is asked to stop.
#include "tests/runtime/places.hpp"

#include <numeric>
#include <thread>

using namespace support;
using troupe::queue;

namespace {

class Uplink : public places_test {};

int many_threads(queue<int> in, queue<int> out, int threads, int n) {
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, in, out] {
      for (int i = 0; i < n; ++i) out.put(in.get());
    });
  for (auto& t : all) t.join();
  return threads;
}

TEST_F(Uplink, ThreadsOfAWorkerGetEachItsOwnAnswers) {
  queue<int> in{sys()}, out{sys()};
  auto runs = begin<many_threads>(place::process, in, out, 8, 50);
  for (int i = 0; i < 400; ++i) in.put(i);
  EXPECT_EQ(runs(), 8);
  int sum = 0;
  while (const auto x = out.try_get()) sum += *x;
  EXPECT_EQ(sum, 399 * 400 / 2);
}

int large_and_small(queue<std::vector<char>> q, int n) {
  std::thread small{[&] {
    for (int i = 0; i < 100; ++i) q.put(std::vector<char>(10, 's'));
  }};
  for (int i = 0; i < n; ++i) q.put(std::vector<char>(3'000'000, 'l'));
  small.join();
  return n;
}

TEST_F(Uplink, LargeAndSmallCallsOfSeveralThreadsDoNotMix) {
  queue<std::vector<char>> q{sys()};
  auto runs = begin<large_and_small>(place::process, q, 4);
  EXPECT_EQ(runs(), 4);
  int large = 0, small = 0;
  while (const auto x = q.try_get()) {
    const bool is_large = x->size() == 3'000'000;
    (is_large ? large : small)++;
    EXPECT_EQ(std::count(x->begin(), x->end(), is_large ? 'l' : 's'), static_cast<std::ptrdiff_t>(x->size()));
  }
  EXPECT_EQ(large, 4);
  EXPECT_EQ(small, 100);
}

int lock_in_a_thread(troupe::mutex m) {
  std::thread{[&] { m.lock(); }}.join();
  m.lock();
  const bool inherited = m.inherited();
  m.unlock();
  return inherited ? 1 : 0;
}

TEST_F(Uplink, AThreadOfAWorkerThatEndsReleasesWhatItHeld) {
  troupe::mutex m{sys()};
  EXPECT_EQ(begin<lock_in_a_thread>(place::process, m)(), 1);
}

std::string until_stopped(queue<int> q, queue<int> told) {
  told.put(1);
  try {
    q.get();
  } catch (const troupe::cancelled_error&) {
    told.put(2);
    return "stopped";
  }
  return "got";
}

TEST_F(Uplink, AWaitEndsAtTheDeadlineOfItsTask) {
  for (const auto where : {troupe::placement::thread, troupe::placement::process}) {
    queue<int> q{sys()}, told{sys()};
    auto p = pool({.workers = 1, .where = where});
    const auto f = p.submit<until_stopped>({.deadline = 500ms}, q, told);
    EXPECT_EQ(told.get(20s), 1);
    EXPECT_THROW(f.get(20s), troupe::timeout_error);
    if (where == troupe::placement::thread) {
      EXPECT_EQ(told.get(20s), 2) << "a thread is asked to stop, a process is killed";
    }
  }
}

int nested(queue<int> q) {
  troupe::system own;
  troupe::pool p{own, {.workers = 1, .where = troupe::placement::thread}};
  queue<int> mine{own};
  mine.put(4);
  q.put(mine.get());
  return 0;
}
queue<int> of_its_own() {
  static troupe::system own;
  return queue<int>{own};
}

TEST_F(Uplink, AWorkerMayHaveQueuesOfItsOwnButNotHandThemUp) {
  queue<int> q{sys()};
  begin<nested>(place::process, q)();
  EXPECT_EQ(q.get(20s), 4);
  const auto error = thrown_by([&] { begin<of_its_own>(place::process)(); });
  EXPECT_TRUE(is<troupe::encode_error>(error)) << what(error);
}

}  // namespace
