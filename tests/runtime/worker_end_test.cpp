// How a worker that was spawned ends: its exit status, signals, the end of its system.
#include "tests/runtime/deaths.hpp"
#include "tests/runtime/programs.hpp"

#include <csignal>
#include <thread>

using namespace support;
using troupe::placement;
using troupe::worker_lost;

namespace {

class WorkerEnd : public placed_test {
 protected:
  troupe::spawn_options here() const { return {.where = where()}; }
};
INSTANTIATE_TEST_SUITE_P(, WorkerEnd, every_placement, placement_name);
class RealWorkerEnd : public WorkerEnd {
 protected:
  const turnstile gate_{file("gate")};
};
INSTANTIATE_TEST_SUITE_P(, RealWorkerEnd, real_workers, placement_name);
class ProcessEnd : public clean_test {};

template <class R>
std::string ended(const troupe::worker<R>& w) {
  return w.join(20s) ? w.exit_status()->to_string() : "alive";
}

TEST_P(WorkerEnd, IsExit0AfterAReturn) {
  const auto w = sys().spawn<square>(here(), 3);
  EXPECT_EQ(ended(w), "exit 0");
  EXPECT_EQ(*w.exit_status(), troupe::exit_status{});
}

TEST_P(WorkerEnd, IsExit1AfterAnException) {
  const auto w = sys().spawn<odd_fails>(here(), 3);
  EXPECT_EQ(ended(w), "exit 1");
  EXPECT_THROW(w.result().get(), std::out_of_range);
  EXPECT_EQ(sys().spawn([] { throw 7; }, here()).result().outcome().has_value(), false);
}

TEST_P(WorkerEnd, IsNoLossIfItsFunctionEnded) {
  for (int x : {2, 3}) sys().spawn<odd_fails>(here(), x).join();
  EXPECT_EQ(events("worker_lost"), 0);
}

struct death {
  std::string how, text;
};
class EndOfAProcess : public ProcessEnd, public testing::WithParamInterface<death> {};
INSTANTIATE_TEST_SUITE_P(, EndOfAProcess,
    testing::Values(death{"exit(0)", "exit 0"}, death{"exit(3)", "exit 3"},
                    death{"_exit(5)", "exit 5"}, death{"abort", "killed by SIGABRT (6)"},
                    death{"raise 9", "killed by SIGKILL (9)"},
                    death{"raise 15", "killed by SIGTERM (15)"},
                    death{"SIGSEGV", "killed by SIGSEGV (11)"}),
    [](const auto& i) {
      std::string s;
      for (const char c : i.param.how)
        if (std::isalnum(c)) s += c;
      return s;
    });

TEST_P(EndOfAProcess, IsKeptForItsHandleAndTheLossOfItsResult) {
  if (under_asan && GetParam().how == "SIGSEGV") GTEST_SKIP() << "AddressSanitizer has its own way there";
  const auto w = sys().spawn<die>({.name = "doomed"}, GetParam().how);
  EXPECT_EQ(ended(w), GetParam().text);
  const auto e = as<worker_lost>(w.result().error());
  EXPECT_EQ(e.worker(), "doomed");
  EXPECT_EQ(e.pid(), w.pid());
  EXPECT_EQ(e.exit_status(), w.exit_status());
  EXPECT_EQ(e.phase(), troupe::phase::started);
  EXPECT_EQ(e.attempt(), 1);
  end_system();
  EXPECT_EQ(events("worker_lost"), 1);
  EXPECT_EQ(events("worker_started"), 1);
}

TEST_F(ProcessEnd, ByTheMemoryLimitIsTold) {
  if (under_asan) GTEST_SKIP() << "AddressSanitizer has its own way there";
  const auto w = sys().spawn<die>({.memory_limit = std::size_t{256} << 20}, "memory");
  EXPECT_THROW(w.result().get(), std::bad_alloc);
  EXPECT_NE(what(w.result().error()).find("memory limit"), std::string::npos);
}

// --- terminate, kill -------------------------------------------------------------------------

TEST_P(RealWorkerEnd, ByTerminateOfOneThatSleeps) {
  const auto w = sys().spawn<troupe::tasks::sleep>(here(), 1h);
  w.terminate();
  EXPECT_EQ(ended(w), in_process() ? "killed by SIGTERM (15)" : "exit 0");
  if (in_process()) EXPECT_THROW(w.result().get(), worker_lost);
  else w.result().get();
  EXPECT_EQ(events("worker_lost"), 0);  // it was told to
}

int until_stopped() {
  while (!troupe::this_worker::stop_requested()) std::this_thread::sleep_for(100us);
  return 5;
}
TEST_P(RealWorkerEnd, ByTerminateIsNotForgottenHoweverEarly) {
  for (int i = 0; i < 50; ++i) {
    const auto w = sys().spawn<until_stopped>(here());
    w.terminate();
    ASSERT_NE(ended(w), "alive");
  }
}

int deaf(const std::string& gate) {
  std::signal(SIGTERM, SIG_IGN);
  return pass_deaf(gate, 1);
}
TEST_P(RealWorkerEnd, ByKillOfOneThatIgnoresTerminate) {
  const auto w = sys().spawn<deaf>(here(), gate_.path);
  ASSERT_TRUE(eventually([&] { return gate_.arrived() == 1; }));
  w.terminate();
  w.terminate();
  EXPECT_FALSE(w.join(50ms));
  w.kill();
  if (in_process()) {
    EXPECT_EQ(ended(w), "killed by SIGKILL (9)");
    EXPECT_EQ(as<worker_lost>(w.result().error()).phase(), troupe::phase::started);
  } else {
    EXPECT_FALSE(w.join(50ms));
    gate_.open();
    EXPECT_EQ(ended(w), "exit 0");
    EXPECT_EQ(w.result().get(), 1);
  }
  std::signal(SIGTERM, SIG_DFL);
}

volatile std::sig_atomic_t termed = 0;
int until_sigterm(const std::string& gate) {
  std::signal(SIGTERM, [](int) { termed = 1; });
  mark(gate, 1);
  while (termed == 0) std::this_thread::sleep_for(1ms);
  return 8;
}
TEST_F(ProcessEnd, OfOneThatHandlesSigtermIsItsOwn) {
  const auto w = sys().spawn<until_sigterm>({}, file("ready"));
  ASSERT_TRUE(eventually([&] { return marks(file("ready")) == 1; }));
  w.terminate();
  EXPECT_EQ(w.result().get(20s), 8);
  EXPECT_EQ(ended(w), "exit 0");
}

TEST_P(RealWorkerEnd, ByKillHoweverEarlyIsALoss) {
  const auto w = sys().spawn<pass>(here(), gate_.path, 3);
  w.kill();
  EXPECT_EQ(ended(w), in_process() ? "killed by SIGKILL (9)" : "exit 0");
  EXPECT_TRUE(w.result().done());
  EXPECT_EQ(is<worker_lost>(w.result().error()), in_process()) << what(w.result().error());
}

TEST_F(ProcessEnd, ByCancelOfItsResult) {
  const turnstile gate{file("gate")};
  const auto w = sys().spawn<pass_deaf>({}, gate.path, 1);
  ASSERT_TRUE(eventually([&] { return gate.arrived() == 1; }));
  EXPECT_TRUE(w.result().cancel(troupe::kill));
  EXPECT_EQ(ended(w), "killed by SIGKILL (9)");
  EXPECT_THROW(w.result().get(), troupe::cancelled_error);
}

// --- the end of the system -------------------------------------------------------------------

TEST_P(RealWorkerEnd, OfOneThatIsNoDaemonIsWaitedForByTheSystem) {
  const auto w = sys().spawn<pass>(here(), gate_.path, 3);
  std::jthread later{[&] {
    eventually([&] { return gate_.arrived() == 1; });
    gate_.open();
  }};
  end_system();
  EXPECT_FALSE(w.alive());
  EXPECT_EQ(w.exit_status()->to_string(), "exit 0");
  EXPECT_EQ(w.result().get(), 3);
}

TEST_P(RealWorkerEnd, OfADaemonDoesNotHoldUpTheSystem) {
  auto o = here();
  o.daemon = true;
  const auto w = sys().spawn<troupe::tasks::sleep>(o, 1h);
  const auto loop = sys().spawn<until_stopped>(o);
  end_system();
  EXPECT_FALSE(w.alive());
  EXPECT_FALSE(loop.alive());
  EXPECT_EQ(loop.exit_status()->to_string(), in_process() ? "killed by SIGTERM (15)" : "exit 0");
  EXPECT_EQ(is<worker_lost>(w.result().error()), in_process());
}

TEST_F(ProcessEnd, OfADaemonThatIgnoresSigtermTakesItsGrace) {
  const turnstile gate{file("gate")};
  const auto w = sys().spawn<deaf>({.daemon = true, .grace = 30ms}, gate.path);
  ASSERT_TRUE(eventually([&] { return gate.arrived() == 1; }));
  end_system();
  EXPECT_EQ(ended(w), "killed by SIGKILL (9)");
}

int asks_the_daemon(const std::string& gate, const std::string& file) {
  pass_deaf(gate, 0);
  return marks(file);
}
int serves(const std::string& file) {
  mark(file, 1);
  for (;;) {
    if (troupe::this_worker::stop_requested()) return mark(file, 1);
    std::this_thread::sleep_for(1ms);
  }
}
TEST_P(RealWorkerEnd, OfADaemonComesAfterThatOfAllWhomItMayServe) {
  auto o = here();
  o.daemon = true;
  const auto service = sys().spawn<serves>(o, file("served"));
  ASSERT_TRUE(eventually([&] { return marks(file("served")) == 1; }));
  const auto client = sys().spawn<asks_the_daemon>(here(), gate_.path, file("served"));
  std::jthread later{[&] {
    eventually([&] { return gate_.arrived() == 1; });
    EXPECT_FALSE(service.join(50ms));
    gate_.open();
  }};
  end_system();
  EXPECT_EQ(client.result().get(), 1);
  EXPECT_FALSE(service.alive());
}

TEST_F(ProcessEnd, OfADaemonThreadThatIgnoresItsStopTokenIsLeftBehindAndTold) {
  program p{"deaf_daemon", {}};
  EXPECT_EQ(p.end(), "exit 0") << p.output();
}

TEST_P(RealWorkerEnd, IsNotThatOfItsHandle) {
  auto result = sys().spawn<pass>(here(), gate_.path, 3).result();
  sys().spawn<pass>(here(), gate_.path, 4);
  EXPECT_TRUE(eventually([&] { return gate_.arrived() == 2; }));
  EXPECT_EQ(sys().stats().workers, 2U);
  gate_.open();
  EXPECT_EQ(result.get(20s), 3);
}

TEST_P(WorkerEnd, LeavesAHandleThatAnswersAfterTheSystem) {
  std::vector<troupe::any_worker> all;
  std::vector<troupe::future<int>> results;
  for (int x : {2, 3}) {
    auto w = sys().spawn<odd_fails>(here(), x);
    results.push_back(w.result());
    all.push_back(std::move(w));
  }
  end_system();
  for (const auto& w : all) {
    for (int i = 0; i < 2; ++i) {
      w.terminate();
      w.kill();
      w.join();
      EXPECT_TRUE(w.join(1s));
      EXPECT_FALSE(w.alive());
      EXPECT_GT(w.pid(), 0);
    }
  }
  EXPECT_EQ(all[0].exit_status()->code, 0);
  EXPECT_EQ(all[1].exit_status()->code, 1);
  EXPECT_EQ(results[0].get(), 2);
  EXPECT_THROW(results[1].get(), std::out_of_range);
}

}  // namespace
