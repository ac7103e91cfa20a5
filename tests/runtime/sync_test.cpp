// mutex, condition, semaphore, event, barrier between any two places, and those who die.
#include "tests/runtime/places.hpp"

#include <csignal>
#include <set>
#include <unistd.h>

using namespace support;

namespace {

class Mutex : public placed_objects {};
class Condition : public placed_objects {};
class Semaphore : public placed_objects {};
class Event : public placed_objects {};
class Barrier : public placed_objects {};
INSTANTIATE_TEST_SUITE_P(, Mutex, every_place, place_name);
INSTANTIATE_TEST_SUITE_P(, Condition, every_place, place_name);
INSTANTIATE_TEST_SUITE_P(, Semaphore, every_place, place_name);
INSTANTIATE_TEST_SUITE_P(, Event, every_place, place_name);
INSTANTIATE_TEST_SUITE_P(, Barrier, every_place, place_name);
class MutexBetween : public between_places {};
class BarrierBetween : public between_places {};
INSTANTIATE_TEST_SUITE_P(, MutexBetween, every_pair, pair_name);
INSTANTIATE_TEST_SUITE_P(, BarrierBetween, every_pair, pair_name);
class Deaths : public places_test {};

// --- mutex -----------------------------------------------------------------------------------

// Reads, waits a little, writes: any two at once would be seen.
int count_up(troupe::mutex m, const std::string& file, int n) {
  for (int i = 0; i < n; ++i) {
    const std::scoped_lock hold{m};
    int x = 0;
    if (auto* f = std::fopen(file.c_str(), "r")) {
      if (std::fscanf(f, "%d", &x) != 1) x = -1'000'000;
      std::fclose(f);
    }
    auto* f = std::fopen(file.c_str(), "w");
    std::fprintf(f, "%d\n", x + 1);
    std::fclose(f);
  }
  return n;
}

TEST_P(MutexBetween, LetsInOneAtATime) {
  troupe::mutex m{sys()};
  const auto path = file("count");
  std::vector<std::function<int()>> all;
  for (int i = 0; i < 2; ++i) {
    all.push_back(begin<count_up>(here(), m, path, 25));
    all.push_back(begin<count_up>(there(), m, path, 25));
  }
  for (auto& a : all) EXPECT_EQ(a(), 25);
  count_up(m, path, 1);
  int x = 0;
  auto* f = std::fopen(path.c_str(), "r");
  EXPECT_EQ(std::fscanf(f, "%d", &x), 1);
  std::fclose(f);
  EXPECT_EQ(x, 101);
}

std::string misuse(troupe::mutex held, troupe::mutex free) {
  std::string all;
  const auto note = [&](auto&& act) {
    try {
      act();
      all += "ok; ";
    } catch (const troupe::would_deadlock&) {
      all += "deadlock; ";
    } catch (const troupe::usage_error&) {
      all += "usage; ";
    }
  };
  all += held.try_lock() || held.try_lock_for(5ms) ? "locked! " : "";
  note([&] { held.unlock(); });
  note([&] { held.inherited(); });
  note([&] { free.unlock(); });
  note([&] { free.lock(); });
  note([&] { free.lock(); });
  all += free.try_lock() ? "locked! " : "";
  all += free.inherited() ? "inherited! " : "";
  note([&] { free.unlock(); });
  all += free.try_lock_for(5ms) ? "" : "not locked! ";
  note([&] { free.unlock(); });
  note([] { troupe::mutex{}.lock(); });
  return all;
}

TEST_P(Mutex, TellsWhatIsMisuse) {
  troupe::mutex held{sys()}, free{sys()};
  held.lock();
  // From another thread, wherever it is.
  EXPECT_EQ(begin<misuse>(where(), held, free)(),
            "usage; usage; usage; ok; deadlock; ok; ok; usage; ");
  held.unlock();
}

int lock_and_end(troupe::mutex m) {
  m.lock();
  return getpid();
}

TEST_F(Deaths, AThreadThatEndsReleasesWhatItHeld) {
  troupe::mutex m{sys()};
  begin<lock_and_end>(place::host, m)();
  m.lock();
  EXPECT_TRUE(m.inherited());
  m.unlock();
  m.lock();
  EXPECT_FALSE(m.inherited());
  m.unlock();
}

int lock_and_die(troupe::mutex m, troupe::queue<int> told) {
  m.lock();
  told.put(getpid());
  troupe::tasks::sleep(60s);
  return 0;
}

TEST_F(Deaths, AKilledHolderReleasesTheMutexAndTheNextIsTold) {
  troupe::mutex m{sys()};
  troupe::queue<int> told{sys()};
  auto dies = begin<lock_and_die>(place::process, m, told);
  const int pid = told.get(20s);
  EXPECT_FALSE(m.try_lock());
  kill(pid, SIGKILL);
  EXPECT_TRUE(m.try_lock_for(20s));
  EXPECT_TRUE(m.inherited());
  m.unlock();
  EXPECT_THROW(dies(), troupe::worker_lost);
}

// --- condition -------------------------------------------------------------------------------

int consume(troupe::mutex m, troupe::condition c, troupe::queue<int> items,
            troupe::queue<int> told) {
  const std::scoped_lock hold{m};
  told.put(1);  // whoever takes the mutex now finds it waiting
  c.wait([&] { return !items.empty(); });
  return items.get();
}

TEST_P(Condition, WakesThoseWhoWaitForIt) {
  troupe::mutex m{sys()};
  troupe::condition c{m};
  troupe::queue<int> items{sys()}, told{sys()};
  auto a = begin<consume>(where(), m, c, items, told), b = begin<consume>(where(), m, c, items, told);
  told.get(20s);
  told.get(20s);
  {
    const std::scoped_lock hold{m};
    items.put(1);
    c.notify_one();
    items.put(2);
    c.notify_all();
  }
  EXPECT_EQ(a() + b(), 3);
}

bool wait_a_little(troupe::mutex m, troupe::condition c) {
  const std::scoped_lock hold{m};
  return c.wait_for(5ms) || c.wait_for(5ms, [] { return false; });
}
std::string without_the_mutex(troupe::condition c) {
  std::string all;
  for (int i = 0; i < 3; ++i) try {
      if (i == 0) c.wait();
      if (i == 1) c.notify_one();
      if (i == 2) c.notify_all();
    } catch (const troupe::usage_error&) {
      all += "usage; ";
    }
  return all;
}

TEST_P(Condition, TimesOutHoldingTheMutexAndWantsItHeld) {
  troupe::mutex m{sys()};
  troupe::condition c{m};
  EXPECT_FALSE(begin<wait_a_little>(where(), m, c)());
  EXPECT_EQ(begin<without_the_mutex>(where(), c)(), "usage; usage; usage; ");
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

int wait_for_ever(troupe::mutex m, troupe::condition c, troupe::queue<int> told) {
  const std::scoped_lock hold{m};
  told.put(getpid());
  c.wait();
  return 0;
}

TEST_F(Deaths, AWaiterOfAConditionThatIsKilledIsForgotten) {
  troupe::mutex m{sys()};
  troupe::condition c{m};
  troupe::queue<int> told{sys()};
  auto dies = begin<wait_for_ever>(place::process, m, c, told);
  const int pid = told.get(20s);
  m.lock();  // it waits now
  kill(pid, SIGKILL);
  EXPECT_THROW(dies(), troupe::worker_lost);
  c.notify_all();
  m.unlock();
  EXPECT_TRUE(m.try_lock_for(20s));
  EXPECT_FALSE(m.inherited());
  m.unlock();
}

// --- semaphore -------------------------------------------------------------------------------

int enter(troupe::semaphore s, troupe::queue<int> inside, int n) {
  int most = 0;
  for (int i = 0; i < n; ++i) {
    s.acquire();
    inside.put(1);
    most = std::max(most, static_cast<int>(inside.size()));
    inside.get();
    s.release();
  }
  return most;
}

TEST_P(Semaphore, LetsInAsManyAsThereArePermits) {
  troupe::semaphore s{sys(), 2};
  troupe::queue<int> inside{sys()};
  std::vector<std::function<int()>> all;
  for (int i = 0; i < 4; ++i) all.push_back(begin<enter>(where(), s, inside, 50));
  for (auto& a : all) EXPECT_LE(a(), 2);
  EXPECT_EQ(s.available(), 2U);
}

std::string try_it(troupe::semaphore s) {
  std::string all;
  all += s.try_acquire() ? "got " : "not ";
  all += s.try_acquire_for(5ms) ? "got " : "not ";
  s.release();
  all += std::to_string(s.available());
  return all;
}

TEST_P(Semaphore, TriesAndTimesOut) {
  troupe::semaphore s{sys(), 1};
  EXPECT_EQ(begin<try_it>(where(), s)(), "got not 1");
}

int acquire_and_die(troupe::semaphore s) {
  s.acquire();
  s.acquire();
  kill(getpid(), SIGKILL);
  return 0;
}

TEST_F(Deaths, AKilledHolderGivesItsPermitsBack) {
  troupe::semaphore s{sys(), 2};
  EXPECT_THROW(begin<acquire_and_die>(place::process, s)(), troupe::worker_lost);
  EXPECT_TRUE(s.try_acquire_for(20s));
  EXPECT_TRUE(s.try_acquire_for(20s));
  s.release();
  s.release();
}

// --- event -----------------------------------------------------------------------------------

int wait_event(troupe::event e, troupe::queue<int> told) {
  told.put(1);
  e.wait();
  return 1;
}
std::string look_at(troupe::event e) {
  std::string all = e.is_set() ? "set " : "clear ";
  all += e.wait_for(5ms) ? "came " : "did not come ";
  e.set();
  all += e.wait_for(5ms) && e.is_set() ? "came " : "did not come ";
  e.clear();
  return all + (e.is_set() ? "set" : "clear");
}

TEST_P(Event, WakesAllThatWait) {
  troupe::event e{sys()};
  troupe::queue<int> told{sys()};
  std::vector<std::function<int()>> all;
  for (int i = 0; i < 4; ++i) all.push_back(begin<wait_event>(where(), e, told));
  for (int i = 0; i < 4; ++i) told.get(20s);
  e.set();
  for (auto& a : all) EXPECT_EQ(a(), 1);
}

TEST_P(Event, IsSetUntilItIsCleared) {
  troupe::event e{sys()};
  EXPECT_EQ(begin<look_at>(where(), e)(), "clear did not come came clear");
}

// --- barrier ---------------------------------------------------------------------------------

std::vector<std::size_t> arrive(troupe::barrier b, int rounds) {
  std::vector<std::size_t> places;
  for (int i = 0; i < rounds; ++i) places.push_back(b.arrive_and_wait());
  return places;
}

TEST_P(BarrierBetween, LetsAllGoOnTogetherAndEachHasItsPlace) {
  troupe::barrier b{sys(), 3};
  auto x = begin<arrive>(here(), b, 10), y = begin<arrive>(there(), b, 10);
  const auto z = arrive(b, 10);
  const auto xs = x(), ys = y();
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ((std::set{xs[i], ys[i], z[i]}), (std::set<std::size_t>{0, 1, 2}));
}

std::string broken(troupe::barrier b) {
  try {
    b.arrive_and_wait();
    return "through";
  } catch (const troupe::broken_barrier&) {
    return "broken";
  }
}

TEST_P(Barrier, IsBrokenByATimeoutAndByAbort) {
  troupe::barrier b{sys(), 3};
  auto waits = begin<broken>(where(), b);
  ASSERT_TRUE(eventually([&] { return b.waiting() == 1; }));
  EXPECT_THROW(b.arrive_and_wait(5ms), troupe::broken_barrier);
  EXPECT_EQ(waits(), "broken");
  EXPECT_EQ(begin<broken>(where(), b)(), "broken");
  b.reset();
  auto again = begin<broken>(where(), b);
  ASSERT_TRUE(eventually([&] { return b.waiting() == 1; }));
  b.abort();
  EXPECT_EQ(again(), "broken");
}

TEST_F(Deaths, AKilledPartyBreaksTheBarrier) {
  troupe::barrier b{sys(), 3};
  const auto f = pool_at(place::process).submit<arrive>(b, 1);
  ASSERT_TRUE(eventually([&] { return b.waiting() == 1; }));
  auto waits = begin<broken>(place::thread, b);
  ASSERT_TRUE(eventually([&] { return b.waiting() == 2; }));
  const auto workers = pool_at(place::process).stats().workers;
  for (const auto& w : workers)
    if (w.state == "busy") kill(w.pid, SIGKILL);
  EXPECT_EQ(waits(), "broken");
  EXPECT_THROW(f.get(20s), troupe::worker_lost);
}

TEST_F(Deaths, ABarrierWithoutPartiesIsMisuse) {
  EXPECT_THROW((troupe::barrier{sys(), 0}), troupe::usage_error);
}

// --- all of them -----------------------------------------------------------------------------

TEST_F(Deaths, TheOwnersEndEndsAllThatWait) {
  auto other = std::make_unique<troupe::system>();
  troupe::event e{*other};
  troupe::mutex m{*other};
  troupe::barrier b{*other, 2};
  troupe::queue<int> told{sys()};
  auto waits = thrown_by([&] {
    auto w = begin<wait_event>(place::process, e, told);
    told.get(20s);
    other.reset();
    w();
  });
  EXPECT_TRUE(is<troupe::closed_error>(waits)) << what(waits);
  EXPECT_THROW(m.lock(), troupe::closed_error);
  EXPECT_THROW(b.arrive_and_wait(), troupe::closed_error);
  EXPECT_THROW(e.wait(), troupe::closed_error);
}

}  // namespace
