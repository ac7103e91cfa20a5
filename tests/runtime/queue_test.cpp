// A queue between any two places: host, thread worker, process worker.
#include "tests/runtime/places.hpp"

#include <csignal>
#include <numeric>
#include <unistd.h>

using namespace support;
using troupe::queue;

namespace {

class Queue : public placed_objects {};
INSTANTIATE_TEST_SUITE_P(, Queue, every_place, place_name);
class QueueBetween : public between_places {};
INSTANTIATE_TEST_SUITE_P(, QueueBetween, every_pair, pair_name);
class QueueOfProcesses : public places_test {};

using numbered = std::pair<int, int>;  // who put it, its how manieth

int put_numbers(queue<numbered> q, int who, int n) {
  for (int i = 0; i < n; ++i) q.put({who, i});
  return n;
}
std::vector<numbered> get_all(queue<numbered> q) {
  std::vector<numbered> got;
  for (const auto& x : q) got.push_back(x);
  return got;
}

TEST_P(QueueBetween, FourProducersAndFourConsumersLoseAndDoubleNothing) {
  const int n = under_asan ? 200 : 1000;
  queue<numbered> q{sys(), {.capacity = 16}};
  std::vector<std::function<int()>> producers;
  std::vector<std::function<std::vector<numbered>()>> consumers;
  for (int i = 0; i < 4; ++i) consumers.push_back(begin<get_all>(there(), q));
  for (int i = 0; i < 4; ++i) producers.push_back(begin<put_numbers>(here(), q, i, n));
  for (auto& p : producers) EXPECT_EQ(p(), n);
  q.close();
  std::vector<std::vector<int>> seen(4);
  for (auto& c : consumers) {
    std::vector<int> last(4, -1);
    for (const auto& [who, i] : c()) {
      EXPECT_LT(last[static_cast<std::size_t>(who)], i) << "in the order of each producer";
      last[static_cast<std::size_t>(who)] = i;
      seen[static_cast<std::size_t>(who)].push_back(i);
    }
  }
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  for (auto& s : seen) {
    std::sort(s.begin(), s.end());
    EXPECT_EQ(s, all);
  }
}

int put_bytes(queue<std::vector<char>> q, std::size_t n) {
  std::vector<char> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<char>(i % 251);
  q.put(bytes);
  return 0;
}
bool get_bytes(queue<std::vector<char>> q, std::size_t n) {
  const auto bytes = q.get();
  bool right = bytes.size() == n;
  for (std::size_t i = 0; right && i < n; ++i) right = bytes[i] == static_cast<char>(i % 251);
  return right;
}

TEST_P(QueueBetween, AnItemMayBeLargerThanAnyMailbox) {
  const auto n = std::size_t{under_asan ? 4 : 64} << 20;
  queue<std::vector<char>> q{sys()};
  auto put = begin<put_bytes>(here(), q, n);
  auto got = begin<get_bytes>(there(), q, n);
  EXPECT_EQ(put(), 0);
  EXPECT_TRUE(got());
}

using mixed = std::tuple<int, std::optional<int>, std::string>;
int put_mixed(queue<mixed> q) {
  q.put({42, std::nullopt, "hello"});
  return 0;
}
mixed get_mixed(queue<mixed> q) { return q.get(); }

TEST_P(QueueBetween, ItemsMayBeOfSeveralKinds) {
  queue<mixed> q{sys()};
  begin<put_mixed>(here(), q)();
  EXPECT_EQ(begin<get_mixed>(there(), q)(), (mixed{42, std::nullopt, "hello"}));
}

int call_next(queue<troupe::function<int(int)>> q) { return q.get()(7); }

TEST_P(Queue, FunctionsTravelThroughIt) {
  queue<troupe::function<int(int)>> q{sys()};
  q.put(troupe::function<int(int)>::of<square>());
  EXPECT_EQ(begin<call_next>(where(), q)(), 49);
}

int put_through(queue<queue<int>> q, int x) {
  q.get().put(x);
  return x;
}

TEST_P(Queue, HandlesTravelThroughIt) {
  queue<queue<int>> handles{sys()};
  queue<int> answers{sys()};
  handles.put(answers);
  begin<put_through>(where(), handles, 5)();
  EXPECT_EQ(answers.get(20s), 5);
}

queue<int> give_back(queue<int> q) { return q; }

TEST_P(Queue, AHandleThatComesBackIsTheSameQueue) {
  queue<int> q{sys()};
  EXPECT_EQ(begin<give_back>(where(), q)(), q);
}

TEST_P(Queue, LivesOnInTheHandleThatATaskGaveBack) {
  auto back = [&] {
    queue<int> q{sys()};
    q.put(3);
    return begin<give_back>(where(), q);
  }();
  EXPECT_EQ(back().get(20s), 3);
}

// What each call ends with, in a worker as in the host.
std::string calls(queue<int> full, queue<int> empty, queue<int> closed) {
  std::string all;
  const auto note = [&](const char* call, auto&& act) {
    all += call;
    try {
      act();
      all += " ok; ";
    } catch (const troupe::full_error&) {
      all += " full; ";
    } catch (const troupe::empty_error&) {
      all += " empty; ";
    } catch (const troupe::closed_error&) {
      all += " closed; ";
    } catch (const troupe::usage_error&) {
      all += " usage; ";
    }
  };
  note("put", [&] { full.put(1, 5ms); });
  note("get", [&] { empty.get(5ms); });
  if (full.try_put(1)) all += "try_put! ";
  if (empty.try_get()) all += "try_get! ";
  if (full.size() != 1 || full.empty() || !empty.empty()) all += "size! ";
  if (full.join(5ms) || !empty.join(5ms)) all += "join! ";
  note("put", [&] { closed.put(1); });
  note("try_put", [&] { closed.try_put(1); });
  note("get", [&] { closed.get(); });
  note("get", [&] { closed.get(); });
  note("try_get", [&] { closed.try_get(); });
  note("task_done", [&] { closed.task_done(); });
  note("task_done", [&] { closed.task_done(); });
  note("join", [&] { closed.join(); });
  note("nothing", [] { queue<int>{}.put(1); });
  return all;
}

TEST_P(Queue, TellsFullEmptyClosedAndMisused) {
  queue<int> full{sys(), {.capacity = 1}}, empty{sys()}, closed{sys()};
  full.put(1);
  closed.put(1);
  closed.close();
  EXPECT_EQ(begin<calls>(where(), full, empty, closed)(),
            "put full; get empty; put closed; try_put closed; get ok; get closed; try_get closed; "
            "task_done ok; task_done usage; join ok; nothing usage; ");
}

int work(queue<int> q, queue<int> results) {
  for (;;) {
    const int x = q.get();
    if (x < 0) return 0;
    results.put(x * x);
    q.task_done();
  }
}

TEST_P(Queue, JoinReturnsOnceAllIsDone) {
  queue<int> q{sys()}, results{sys()};
  for (int i = 1; i <= 20; ++i) q.put(i);
  std::vector<std::function<int()>> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(begin<work>(where(), q, results));
  q.join();
  EXPECT_EQ(results.size(), 20U);
  for (int i = 0; i < 4; ++i) q.put(-1);  // one for each
  for (auto& w : workers) w();
  int sum = 0;
  while (const auto x = results.try_get()) sum += *x;
  EXPECT_EQ(sum, 2870);
}

int wait_for_one(queue<int> q, queue<int> told) {
  told.put(1);
  try {
    return q.get();
  } catch (const troupe::closed_error&) {
    return -1;
  }
}

TEST_P(Queue, TheEndOfItsSystemEndsThoseWhoWait) {
  auto other = std::make_unique<troupe::system>();
  queue<int> q{*other}, told{sys()};
  auto waits = begin<wait_for_one>(where(), q, told);
  told.get(20s);
  other.reset();
  EXPECT_EQ(waits(), -1);
  EXPECT_THROW(q.put(1), troupe::closed_error);
  EXPECT_THROW(q.get(), troupe::closed_error);
  EXPECT_EQ(begin<wait_for_one>(where(), q, told)(), -1);
}

struct picky {
  bool refuses = false;
  template <class Archive>
  void save(Archive&) const {
    if (refuses) throw std::runtime_error{"not this one"};
  }
  template <class Archive>
  void load(Archive&) {}
};
std::string put_picky(queue<picky> q) {
  try {
    q.put(picky{true});
  } catch (const troupe::encode_error&) {
    return "encode_error, " + std::to_string(q.size()) + " items";
  }
  return "put";
}

TEST_P(Queue, WhatCannotBeEncodedIsToldByPutAndNothingWasPut) {
  queue<picky> q{sys()};
  EXPECT_EQ(begin<put_picky>(where(), q)(), "encode_error, 0 items");
}

int wait_deaf(queue<int> q, queue<int> told) {
  told.put(1);
  return q.get();
}

TEST_F(QueueOfProcesses, AWaitEndsWithThePool) {
  for (const auto where : {troupe::placement::thread, troupe::placement::process}) {
    queue<int> q{sys()}, told{sys()};
    auto p = pool({.workers = 1, .where = where});
    const auto f = p.submit<wait_deaf>(q, told);
    told.get(20s);
    p.terminate();
    EXPECT_THROW(f.get(20s), troupe::cancelled_error);
    p.join();
  }
}

// --- those who die ---------------------------------------------------------------------------

int get_and_die(queue<int> q) {
  q.get();
  kill(getpid(), SIGKILL);
  return 0;
}
int wait_in_vain(queue<int> q, queue<int> told) {
  told.put(getpid());
  return q.get();
}

TEST_F(QueueOfProcesses, WhatADeadConsumerHadInHandIsLostAndNothingElse) {
  queue<int> q{sys()};
  for (int i = 0; i < 10; ++i) q.put(i);
  EXPECT_THROW(begin<get_and_die>(place::process, q)(), troupe::worker_lost);
  for (int i = 1; i < 10; ++i) {
    EXPECT_EQ(q.get(20s), i);
    q.task_done();
  }
  q.join();
}

TEST_F(QueueOfProcesses, IfItRedeliversTheNextConsumerGetsIt) {
  queue<int> q{sys(), {.redeliver = true}};
  for (int i = 0; i < 10; ++i) q.put(i);
  EXPECT_THROW(begin<get_and_die>(place::process, q)(), troupe::worker_lost);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(q.get(20s), i);
    q.task_done();
  }
  q.join();
}

TEST_F(QueueOfProcesses, OneThatDiesWaitingTakesNothing) {
  queue<int> q{sys()}, told{sys()};
  auto waits = begin<wait_in_vain>(place::process, q, told);
  const int pid = told.get(20s);
  kill(pid, SIGKILL);
  EXPECT_THROW(waits(), troupe::worker_lost);
  q.put(1);
  EXPECT_EQ(q.get(20s), 1);
}

int put_and_die(queue<int> q, int n) {
  for (int i = 0; i < n; ++i) q.put(i);
  kill(getpid(), SIGKILL);
  return 0;
}

TEST_F(QueueOfProcesses, WhatADeadProducerHasPutIsThere) {
  queue<int> q{sys()};
  EXPECT_THROW(begin<put_and_die>(place::process, q, 100)(), troupe::worker_lost);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(q.get(20s), i);
}

int fill(queue<int> q, queue<int> told) {
  told.put(getpid());
  for (int i = 0;; ++i) q.put(i);
}

TEST_F(QueueOfProcesses, AProducerThatDiesWaitingForRoomLeavesNothingHalf) {
  queue<int> q{sys(), {.capacity = 4}}, told{sys()};
  auto fills = begin<fill>(place::process, q, told);
  const int pid = told.get(20s);
  ASSERT_TRUE(eventually([&] { return q.size() == 4; }));
  kill(pid, SIGKILL);
  EXPECT_THROW(fills(), troupe::worker_lost);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(q.get(20s), i);
  EXPECT_FALSE(q.try_get());
}

// --- memory ----------------------------------------------------------------------------------

int use(queue<int> q) {
  q.put(1);
  return q.get();
}

TEST_P(Queue, TenThousandMadeAndDroppedLeaveNothing) {
  const int n = under_asan ? 500 : 10'000 / (where() == place::host ? 1 : 5);
  for (int i = 0; i < n; ++i) {
    queue<int> q{sys()};
    if (where() == place::host) EXPECT_EQ(use(q), 1);
    else EXPECT_EQ(pool_at(where()).apply<use>(q), 1);
  }
}

std::size_t slow_sum(queue<std::string> q) {
  std::size_t sum = 0;
  for (const auto& x : q) {
    sum += x.size();
    troupe::tasks::sleep(1ms);
  }
  return sum;
}

TEST_P(Queue, ABoundedOneKeepsMemoryFlatHoweverMuchGoesThrough) {
  queue<std::string> q{sys(), {.capacity = 4}};
  auto sum = begin<slow_sum>(where(), q);
  const std::string megabyte(1 << 20, 'x');
  reset_peak_memory();
  const auto before = peak_memory();
  for (int i = 0; i < 64; ++i) {
    q.put(megabyte);
    EXPECT_LE(q.size(), 4U);
  }
  q.close();
  EXPECT_EQ(sum(), std::size_t{64} << 20);
  if (!under_asan) {
    EXPECT_LT(peak_memory(), before + (32U << 20));
  }
}

}  // namespace
