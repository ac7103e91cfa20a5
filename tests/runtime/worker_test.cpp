// One worker as an object: who it is, what it is given and gives back, who waits for it.
#include "tests/runtime/support.hpp"

#include <numeric>
#include <set>
#include <thread>
#include <unistd.h>

using namespace support;
using troupe::placement;
using troupe::this_worker::name;

namespace {

class Worker : public placed_test {
 protected:
  troupe::spawn_options here(std::string name = {}) const { return {.name = name, .where = where()}; }
};
INSTANTIATE_TEST_SUITE_P(, Worker, every_placement, placement_name);
class RealWorker : public Worker {
 protected:
  const turnstile gate_{file("gate")};
};
INSTANTIATE_TEST_SUITE_P(, RealWorker, real_workers, placement_name);
class WorkerHandle : public clean_test {
 public:
  static inline std::optional<troupe::worker<std::string>> own;
  static inline troupe::system* system = nullptr;
};

using identity = std::tuple<std::string, int, int, placement>;
identity who() {
  namespace me = troupe::this_worker;
  return {me::name(), me::pid(), me::parent_pid(), me::where()};
}

TEST_P(Worker, HasExactlyTheNameThatWasAskedFor) {
  for (const std::string asked : {"my_service", "worker 1", "a/b-1", "größer", "x-1"}) {
    const auto w = sys().spawn<name>(here(asked));
    EXPECT_EQ(w.name(), asked);
    EXPECT_EQ(w.result().get(), asked);
    EXPECT_EQ(w.result().receipt().worker, asked);
  }
}

TEST_P(Worker, TwoMayHaveOneName) {
  const auto a = sys().spawn<name>(here("twin")), b = sys().spawn<name>(here("twin"));
  EXPECT_EQ(a.result().get(), b.result().get());
}

TEST_F(WorkerHandle, DefaultNamesCountUpOverAllPlacements) {
  const auto named_by = [&](placement where) {
    const auto w = sys().spawn<name>({.where = where});
    EXPECT_EQ(w.name(), w.result().get());
    return w.name();
  };
  EXPECT_EQ(named_by(placement::process), "process-1");
  EXPECT_EQ(named_by(placement::thread), "thread-2");
  EXPECT_EQ(sys().spawn<name>({.name = "x", .where = placement::thread}).name(), "x");
  EXPECT_EQ(named_by(placement::inline_), "inline-3");
  EXPECT_EQ(named_by(placement::process), "process-4");
  EXPECT_EQ(troupe::system{}.spawn<name>().name(), "process-1");
}

TEST_P(Worker, KnowsItsProcessAndItsPlace) {
  const auto w = sys().spawn<who>(here("w"));
  const auto [name, pid, parent, place] = w.result().get();
  EXPECT_EQ(w.where(), where());
  EXPECT_EQ(place, where());
  EXPECT_EQ(w.pid(), pid);
  EXPECT_EQ(pid == getpid(), !in_process());
  EXPECT_EQ(parent, in_process() ? getpid() : getppid());
  w.join();
  EXPECT_EQ(w.pid(), pid);
  EXPECT_EQ(w.name(), "w");
}

TEST_P(RealWorker, FiveAtOnceAreFiveProcessesOrFiveThreadsOfOne) {
  std::vector<troupe::worker<int>> all;
  std::set<int> pids, seen;
  for (int i = 0; i < 5; ++i) {
    all.push_back(sys().spawn<pass>(here(), gate_.path, i));
    pids.insert(all.back().pid());
  }
  EXPECT_TRUE(eventually([&] { return gate_.arrived() == 5; }));
  EXPECT_EQ(pids.size(), in_process() ? 5U : 1U);
  EXPECT_EQ(sys().stats().workers, 5U);
  EXPECT_EQ(sys().stats().pools, 0U);
  gate_.open();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].result().get(), i);
}

TEST_P(RealWorker, IsAliveUntilItWasJoined) {
  const auto w = sys().spawn<pass>(here(), gate_.path, 7);
  EXPECT_TRUE(w.alive());
  EXPECT_EQ(w.exit_status(), std::nullopt);
  EXPECT_FALSE(w.join(30ms));
  EXPECT_FALSE(w.join(0ns));
  EXPECT_TRUE(w.alive());
  gate_.open();
  EXPECT_TRUE(w.join(20s));
  EXPECT_FALSE(w.alive());
  EXPECT_TRUE(w.exit_status()->ok());
  w.join();
  EXPECT_TRUE(w.join(0ns));
  EXPECT_EQ(w.result().get(), 7);
  EXPECT_EQ(sys().stats().workers, 0U);
}

TEST_P(Worker, MayBeJoinedByManyThreads) {
  const auto w = sys().spawn<mark>(here(), file("ran"), 1);
  std::vector<std::jthread> all;
  for (int i = 0; i < 8; ++i)
    all.emplace_back([&] {
      w.join();
      EXPECT_FALSE(w.alive());
    });
  all.clear();
  EXPECT_EQ(marks(file("ran")), 1);
}

std::string join_oneself(const std::string& gate) {
  pass(gate, 0);
  return what(thrown_by([] { WorkerHandle::own->join(); }));
}

TEST_F(WorkerHandle, ThatIsJoinedByItsOwnWorkerIsADeadlockAndTold) {
  const turnstile gate{file("gate")};
  own.emplace(sys().spawn<join_oneself>({.name = "ego", .where = placement::thread}, gate.path));
  gate.open();
  EXPECT_EQ(own->result().get(20s), "worker ego would wait for its own end");
  own.reset();
}

TEST_F(WorkerHandle, MayBeMovedAndIsUselessAfterwards) {
  auto a = sys().spawn<square>({}, 3);
  auto b = std::move(a);
  EXPECT_EQ(b.result().get(), 9);
  EXPECT_THROW(a.join(), troupe::usage_error);
  EXPECT_THROW(a.kill(), troupe::usage_error);
  EXPECT_THROW((void)a.name(), troupe::usage_error);
  a = std::move(b);
  a.join();
  std::vector<troupe::any_worker> several;
  several.push_back(std::move(a));
  several.push_back(sys().spawn<name>());
  for (const auto& w : several) w.join();
}

// --- what it is given and gives back ---------------------------------------------------------

struct point {
  double x = 0, y = 0;
  friend bool operator==(const point&, const point&) = default;
};
point shifted(point p, const std::vector<double>& by, std::string_view how) {
  if (how == "twice") return {p.x + 2 * by.at(0), p.y + 2 * by.at(1)};
  return {p.x + by.at(0), p.y + by.at(1)};
}
void nothing() {}

TEST_P(Worker, TakesAndGivesWhatIsPortable) {
  const std::vector by{1.0, 2.0};
  EXPECT_EQ(sys().spawn<shifted>(here(), point{1, 1}, by, "twice").result().get(), (point{3, 5}));
  const auto none = sys().spawn<nothing>(here());
  none.result().get();
  const std::string large(8 << 20, 'x');
  EXPECT_EQ(sys().spawn<troupe::tasks::echo>(here(), large).result().get(), large);
}

TEST_P(Worker, HasItsArgumentsByValue) {
  std::vector numbers{1, 2, 3};
  const auto w = sys().spawn([](std::vector<int> own) {
    own.push_back(4);
    return own.size();
  }, here(), numbers);
  EXPECT_EQ(w.result().get(), 4U);
  EXPECT_EQ(numbers.size(), 3U);
}

struct greeter {  // what Python has as a subclass with run()
  std::string whom, path;
  void operator()() const { mark(path + whom, 1); }
};
class counter {
 public:
  counter() = default;
  explicit counter(int from) : next_(from) {}
  int operator()(int times) {
    for (int i = 0; i < times; ++i) ++next_;
    return next_;
  }
  template <class Archive>
  void serialize(Archive& ar) {
    ar(next_);
  }

 private:
  int next_ = 0;
};

TEST_P(Worker, MayBeAnObjectWithData) {
  sys().spawn(greeter{"you", file("hello ")}, here()).result().get();
  EXPECT_EQ(marks(file("hello you")), 1);
  EXPECT_EQ(sys().spawn(counter{40}, here("count"), 2).result().get(), 42);
  EXPECT_EQ(sys().spawn(troupe::fn<square>, here(), 5).result().get(), 25);
  EXPECT_EQ(sys().spawn([] { return 7; }).result().get(), 7);
}

int too_late() { throw std::logic_error{"never"}; }
TEST_P(Worker, ThrowsItsOwnException) {
  const auto w = sys().spawn<odd_fails>(here("odd"), 3);
  EXPECT_THROW(w.result().get(), std::out_of_range);
  const auto e = as<troupe::task_error>(w.result().error());
  EXPECT_EQ(e.worker(), "odd");
  EXPECT_STREQ(e.what(), "odd 3");
  EXPECT_THROW(sys().spawn<too_late>(here()).result().get(), std::logic_error);
}

// --- where it comes from ---------------------------------------------------------------------

TEST_P(Worker, HasOptionsThatMakeSense) {
  EXPECT_EQ(what(thrown_by([&] {
              sys().spawn<name>({.where = where(), .memory_limit = 1});
            })).substr(0, 26),
            "spawn_options.memory_limit");
  EXPECT_THROW(sys().spawn<name>({.where = where(), .grace = -1s}), troupe::usage_error);
  EXPECT_EQ(sys().stats().workers, 0U);
}

TEST_F(WorkerHandle, OfAProgramThatIsNotThereIsAStartError) {
  sys({.worker_executable = file("none")});
  const auto e = as<troupe::start_error>(thrown_by([&] { sys().spawn<name>(); }));
  EXPECT_EQ(e.errno_value(), ENOENT);
}

int spawns_until_refused() {
  for (int n = 0;; ++n) {
    try {
      WorkerHandle::system->spawn<nothing>({.where = placement::inline_});
    } catch (const troupe::closed_error&) {
      return n;
    }
  }
}
TEST_F(WorkerHandle, CannotBeHadOnceTheSystemEnds) {
  system = &sys();
  const auto w = sys().spawn<spawns_until_refused>({.where = placement::thread});
  end_system();
  EXPECT_GE(w.result().get(), 0);
}

int in_a_system_of_its_own(int where, int n) {
  troupe::system s;
  std::vector<troupe::worker<int>> all;
  for (int i = 0; i < n; ++i) all.push_back(s.spawn<square>({.where = static_cast<placement>(where)}, i));
  return std::accumulate(all.begin(), all.end(), 0,
                         [](int sum, const auto& w) { return sum + w.result().get(); });
}

TEST_P(Worker, MayHaveWorkersOfItsOwn) {
  for (const auto inner : {placement::thread, placement::process})
    EXPECT_EQ(sys().spawn<in_a_system_of_its_own>(here(), static_cast<int>(inner), 3).result().get(), 5);
}

TEST_P(RealWorker, FiftyAtOnceWorkAndEnd) {
  std::vector<troupe::worker<int>> all;
  for (int i = 0; i < 50; ++i) all.push_back(sys().spawn<pass>(here(), gate_.path, i));
  EXPECT_TRUE(eventually([&] { return gate_.arrived() == 50; }));
  gate_.open();
  for (int i = 0; i < 50; ++i) {
    const auto& w = all[static_cast<std::size_t>(i)];
    EXPECT_TRUE(w.join(20s));
    EXPECT_EQ(w.exit_status()->to_string(), "exit 0");
    EXPECT_EQ(w.result().get(), i);
  }
  EXPECT_EQ(events("worker_lost"), 0);
}

}  // namespace
