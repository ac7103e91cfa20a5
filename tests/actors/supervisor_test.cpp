// The supervisor over workers that exist only here, on CAF's testing scheduler: every message is
// delivered when the test says so, and time passes when the test says so.
#include "actors/supervisor.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace troupe::detail {
namespace {

using namespace std::chrono_literals;

struct fake_worker final : worker {
  fake_worker(caf::actor_system& sys, worker_spec s) : worker(std::move(s)) {
    end.facts.worker = spec.name;
    actor = sys.spawn([](caf::event_based_actor* self) -> caf::behavior {
      return {[self](caf::ok_atom) { self->quit(); }};
    });
  }
  caf::actor_addr address() const override { return actor.address(); }
  int pid() const override { return 1000 + static_cast<int>(spec.id); }
  void apply(stop_action a) noexcept override { told.push_back(a); }
  void die() { caf::anon_send(actor, caf::ok_atom::value); }

  caf::actor actor;
  std::vector<stop_action> told;
};

struct fake_factory final : worker_factory {
  explicit fake_factory(caf::actor_system& s) : sys(s) {}
  std::shared_ptr<worker> start(worker_spec spec, const caf::actor&) override {
    if (fail) throw start_error{"no", 2, "/nowhere"};
    workers.push_back(std::make_shared<fake_worker>(sys, std::move(spec)));
    return workers.back();
  }
  caf::actor_system& sys;
  std::vector<std::shared_ptr<fake_worker>> workers;
  bool fail = false;
};

struct fake_shell final : pool_shell {
  void worker_ended(const worker& w) override { ended.push_back(w.spec.id); }
  void spawned(const worker& w) override { pids.push_back(w.pid()); }
  void give_up(std::exception_ptr why) override { broken = why; }
  bool deadline(std::size_t, std::uint64_t, std::uint64_t) override { return must_die; }
  bool look_after() override { return --looks_wanted > 0; }
  void started(std::exception_ptr f) override {
    ++starts;
    failure = f;
  }
  void stopped() override { ++stops; }
  void note(const char* what, const worker&, const std::string& text) override {
    notes.push_back(text.empty() ? what : what + (": " + text));
  }

  std::vector<std::uint64_t> ended;
  std::vector<int> pids;
  std::vector<std::string> notes;
  std::exception_ptr broken, failure;
  int starts = 0, stops = 0, looks_wanted = 3;
  bool must_die = true;
};

class Supervisor : public ::testing::Test {
 protected:
  Supervisor() { config.set("scheduler.policy", caf::atom("testing")); }
  ~Supervisor() override {
    if (self) {
      tell(pool_terminated{});
      for (auto& w : factory->workers) w->die();
      run();
      self = {};
    }
    // The factory holds actors of the system.
    factory.reset();
    shell.reset();
    system.reset();
  }
  void begin(supervisor_options o) {
    system.emplace(config);
    factory = std::make_shared<fake_factory>(*system);
    shell = std::make_shared<fake_shell>();
    o.name = "p";
    grace = o.grace;
    self = spawn_supervisor(*system, o, factory, shell);
    tell(start_pool{});
    run();
  }
  template <class M>
  void tell(M m) {
    caf::anon_send(self, m);
  }
  caf::scheduler::test_coordinator& clockwork() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler());
  }
  void run() { clockwork().run(); }
  void after(duration d) {
    clockwork().advance_time(std::chrono::duration_cast<caf::timespan>(d));
    run();
  }
  fake_worker& w(std::size_t i) { return *factory->workers.at(i); }
  void all_ready() {
    for (auto& worker : factory->workers) ready(*worker);
  }
  void ready(fake_worker& worker) {
    tell(worker_spawned{worker.spec.id});
    tell(worker_said_hello{worker.spec.id});
    tell(worker_ready{worker.spec.id});
    run();
  }
  void die(fake_worker& worker) {
    worker.die();
    run();
  }

  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  std::shared_ptr<fake_factory> factory;
  std::shared_ptr<fake_shell> shell;
  caf::actor self;
  duration grace{};
};

TEST_F(Supervisor, StartsAllAndReportsOnceOneIsThere) {
  begin({.workers = 3});
  ASSERT_EQ(factory->workers.size(), 3U);
  EXPECT_EQ(shell->starts, 0);
  all_ready();
  EXPECT_EQ(shell->starts, 1);
  EXPECT_FALSE(shell->failure);
  EXPECT_EQ(w(0).spec.name, "p-1");
}

TEST_F(Supervisor, AWorkerThatCannotBeStartedIsReportedToWhoWaits) {
  begin({.workers = 1});
  w(0).start_error = std::make_exception_ptr(start_error{"no", 13, "/x"});
  die(w(0));
  EXPECT_TRUE(shell->failure);
}

TEST_F(Supervisor, AnEventTellsWhetherAWorkerWasLostOrCouldNotBeStarted) {
  begin({.workers = 1});
  all_ready();
  die(w(0));
  w(1).start_error = std::make_exception_ptr(start_error{"no such file", 2, "/x"});
  die(w(1));
  ASSERT_EQ(shell->notes.size(), 3U);
  EXPECT_EQ(shell->notes[0], "worker_started");
  EXPECT_TRUE(shell->notes[1].starts_with("worker_lost: "));
  EXPECT_EQ(shell->notes[2], "worker_not_started: no such file");
}

TEST_F(Supervisor, ADeadWorkerIsReplacedInItsSeatUnderANewName) {
  begin({.workers = 2});
  all_ready();
  die(w(0));
  EXPECT_EQ(shell->ended, std::vector<std::uint64_t>{1});
  ASSERT_EQ(factory->workers.size(), 3U);
  EXPECT_EQ(w(2).spec.seat, w(0).spec.seat);
  EXPECT_EQ(w(2).spec.name, "p-3");
}

TEST_F(Supervisor, OfOneWorkerGivesItTheNameAndNoSuccessor) {
  begin({.once = true});
  EXPECT_EQ(w(0).spec.name, "p");
  all_ready();
  EXPECT_EQ(shell->pids, std::vector{w(0).pid()});
  die(w(0));
  EXPECT_EQ(factory->workers.size(), 1U);
  EXPECT_FALSE(shell->broken);
  tell(pool_drained{});
  run();
  EXPECT_EQ(shell->stops, 1);
}

TEST_F(Supervisor, SignalsAreNoStopPlan) {
  begin({.once = true, .grace = 1s});
  all_ready();
  tell(signal_workers{stop_action::terminate});
  tell(signal_workers{stop_action::terminate});
  run();
  after(10s);
  tell(signal_workers{stop_action::kill});
  run();
  EXPECT_EQ(w(0).told, (std::vector{stop_action::terminate, stop_action::terminate, stop_action::kill}));
}

TEST_F(Supervisor, GivesUpAfterTooManyDeaths) {
  begin({.workers = 1, .restarts = {2, 5s}});
  for (int i = 0; i < 3; ++i) {
    ready(*factory->workers.back());
    die(*factory->workers.back());
  }
  EXPECT_TRUE(shell->broken);
  EXPECT_EQ(factory->workers.size(), 3U);
}

TEST_F(Supervisor, AFailedInitializerBreaksThePoolWithItsError) {
  begin({.workers = 1});
  tell(worker_spawned{1});
  tell(worker_said_hello{1});
  run();
  w(0).init_error = std::make_exception_ptr(std::runtime_error{"no database"});
  die(w(0));
  try {
    ASSERT_TRUE(shell->broken);
    std::rethrow_exception(shell->broken);
  } catch (const pool_broken& e) {
    EXPECT_NE(std::string{e.what()}.find("no database"), std::string::npos);
  }
}

TEST_F(Supervisor, WhoDoesNotGetReadyInTimeIsKilled) {
  begin({.workers = 1, .start_deadline = 10s});
  tell(worker_spawned{1});
  run();
  after(9s);
  EXPECT_TRUE(w(0).told.empty());
  after(2s);
  EXPECT_EQ(w(0).told, std::vector{stop_action::kill});
}

TEST_F(Supervisor, StoppingGoesFromPoliteToCertain) {
  begin({.workers = 1, .grace = 2s});
  all_ready();
  tell(pool_drained{});
  run();
  EXPECT_EQ(w(0).told, std::vector{stop_action::ask});
  after(2s);
  EXPECT_EQ(w(0).told.back(), stop_action::terminate);
  after(2s);
  EXPECT_EQ(w(0).told.back(), stop_action::kill);
  EXPECT_EQ(shell->stops, 0);
  die(w(0));
  EXPECT_EQ(shell->stops, 1);
}

TEST_F(Supervisor, TerminateDuringAPoliteStopDoesNotWaitForIt) {
  begin({.workers = 1, .grace = 5s});
  all_ready();
  tell(pool_drained{});
  run();
  after(4s);
  tell(pool_terminated{});
  run();
  EXPECT_EQ(w(0).told, (std::vector{stop_action::ask, stop_action::terminate}));
  after(2s);  // the step of the earlier plan would be due: it no longer counts
  EXPECT_EQ(w(0).told.size(), 2U);
  after(3s);
  EXPECT_EQ(w(0).told.back(), stop_action::kill);
}

TEST_F(Supervisor, ARetiredWorkerIsReplacedAndCountsForNothing) {
  begin({.workers = 1, .restarts = {0, 5s}});
  for (int i = 0; i < 20; ++i) {
    auto& worker = *factory->workers.back();
    ready(worker);
    tell(retire_worker{worker.spec.id});
    run();
    die(worker);
  }
  EXPECT_FALSE(shell->broken);
  EXPECT_EQ(factory->workers.size(), 21U);
}

TEST_F(Supervisor, ADeadlineKillsOnlyIfThePoolSaysSo) {
  begin({.workers = 1});
  all_ready();
  shell->must_die = false;
  tell(watch_deadline{1, 0, 1, 1s});
  run();
  after(2s);
  EXPECT_TRUE(w(0).told.empty());
  shell->must_die = true;
  tell(watch_deadline{1, 0, 2, 1s});
  run();
  after(2s);
  EXPECT_EQ(w(0).told, std::vector{stop_action::kill});
}

TEST_F(Supervisor, AnAbandonedThreadIsForgotten) {
  begin({.workers = 1});
  all_ready();
  tell(pool_terminated{});
  tell(worker_abandoned{1});
  run();
  EXPECT_EQ(shell->stops, 1);
}

TEST_F(Supervisor, LooksAfterTasksForAsLongAsThereAreAny) {
  begin({.workers = 1});
  all_ready();
  tell(look_after_tasks{});
  run();
  for (int i = 0; i < 10; ++i) after(500ms);
  EXPECT_EQ(shell->looks_wanted, 0);
}

TEST_F(Supervisor, GrowingStartsTheMissingOnes) {
  begin({.workers = 1});
  all_ready();
  tell(pool_resized{4});
  run();
  EXPECT_EQ(factory->workers.size(), 4U);
}

TEST_F(Supervisor, NobodyIsReplacedWhileStopping) {
  begin({.workers = 2});
  all_ready();
  tell(pool_drained{});
  run();
  die(w(0));
  die(w(1));
  EXPECT_EQ(factory->workers.size(), 2U);
  EXPECT_EQ(shell->stops, 1);
}

}  // namespace
}  // namespace troupe::detail
