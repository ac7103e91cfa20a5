// A death costs one task. Processes only.
#include "tests/runtime/support.hpp"

#include <csignal>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace support;
using troupe::loss_policy;
using troupe::worker_lost;

namespace {

void segfault() { *static_cast<volatile int*>(nullptr) = 1; }
void bus_error() {
  char name[] = "/tmp/troupe-bus-XXXXXX";
  const int fd = mkstemp(name);
  unlink(name);
  auto* p = static_cast<volatile char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  p[0] = 1;
}
int recurse(int n) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(n);
  return n < 0 ? 0 : recurse(n + 1) + frame[0];
}
void too_much_memory() {
  for (std::vector<std::unique_ptr<char[]>> all;;) all.push_back(std::make_unique<char[]>(1 << 20));
}
struct throws_in_destructor {
  ~throws_in_destructor() noexcept(false) { throw std::runtime_error{"in a destructor"}; }
};
void two_at_once() {
  throws_in_destructor one;
  throw std::logic_error{"first"};
}
void fail() { throw std::logic_error{"out of noexcept"}; }
void not_so_noexcept() noexcept { fail(); }

int closes_all(int x) {
  for (int fd = 0; fd < 256; ++fd) close(fd);
  return x;
}

/// Ways to die, by name, so that one task has them all.
int die(const std::string& how) {
  if (how == "SIGSEGV") segfault();
  if (how == "SIGBUS") bus_error();
  if (how == "abort") std::abort();
  if (how == "exit(0)") std::exit(0);
  if (how == "exit(3)") std::exit(3);
  if (how == "_exit(5)") _exit(5);
  if (how == "quick_exit(6)") std::quick_exit(6);
  if (how == "stack overflow") return recurse(0);
  if (how == "std::terminate") std::terminate();
  if (how == "noexcept") not_so_noexcept();
  if (how == "destructor") two_at_once();
  if (how == "memory") too_much_memory();
  if (how.starts_with("raise ")) raise(std::stoi(how.substr(6)));
  for (;;) usleep(1000);  // a loop without end
}
int square_or_die(int x, int fatal, const std::string& how) { return x == fatal ? die(how) : square(x); }
/// Dies the first `times` times it is run with this file.
int dies_at_first(const std::string& path, int times, int x) {
  if (mark(path, marks(path)) < times) raise(SIGKILL);
  return x;
}
std::string value_or_error(const troupe::future<int>& f) {
  const auto o = f.outcome();
  return o ? std::to_string(o.value()) : what(o.error());
}

struct end_expected {
  std::string how;
  int code = 0;
  int signal = 0;
  std::string text = {};  ///< to be found in what()
};
void PrintTo(const end_expected& e, std::ostream* out) { *out << e.how; }

class Death : public clean_test, public testing::WithParamInterface<end_expected> {
 protected:
  void SetUp() override {
    if (under_asan && (GetParam().how == "memory" || GetParam().signal == SIGSEGV || GetParam().signal == SIGBUS))
      GTEST_SKIP() << "AddressSanitizer has its own way there";
    clean_test::SetUp();
  }
  troupe::pool eight(loss_policy on_loss = loss_policy::fail_task) {
    return pool({.workers = 8, .memory_limit = GetParam().how == "memory" ? std::size_t{256} << 20 : 0, .on_loss = on_loss});
  }
  void expect_end(const std::exception_ptr& error) {
    ASSERT_TRUE(is<worker_lost>(error)) << what(error);
    const auto e = as<worker_lost>(error);
    EXPECT_EQ(e.exit_status().code, GetParam().code);
    EXPECT_EQ(e.exit_status().signal, GetParam().signal);
    EXPECT_GT(e.pid(), 0);
    EXPECT_NE(e.pid(), getpid());
    EXPECT_FALSE(e.worker().empty());
    EXPECT_EQ(e.phase(), troupe::phase::started);
    EXPECT_EQ(e.attempt(), 1);
    EXPECT_NE(what(error).find(e.exit_status().to_string()), std::string::npos) << what(error);
    EXPECT_NE(what(error).find(GetParam().text), std::string::npos) << what(error);
  }
};
class DeathOf : public clean_test {};

INSTANTIATE_TEST_SUITE_P(, Death, testing::Values(
    end_expected{"raise 9", 0, SIGKILL}, end_expected{"raise 15", 0, SIGTERM},
    end_expected{"raise 2", 0, SIGINT}, end_expected{"raise 1", 0, SIGHUP},
    end_expected{"raise 10", 0, SIGUSR1}, end_expected{"raise 13", 0, SIGPIPE},
    end_expected{"SIGSEGV", 0, SIGSEGV}, end_expected{"SIGBUS", 0, SIGBUS},
    end_expected{"raise 8", 0, SIGFPE}, end_expected{"raise 4", 0, SIGILL},
    end_expected{"abort", 0, SIGABRT}, end_expected{"exit(0)", 0, 0}, end_expected{"exit(3)", 3, 0},
    end_expected{"_exit(5)", 5, 0}, end_expected{"quick_exit(6)", 6, 0},
    end_expected{"stack overflow", 0, SIGSEGV, "stack overflow"},
    end_expected{"std::terminate", 0, SIGABRT, "terminate called"},
    end_expected{"noexcept", 0, SIGABRT, "out of noexcept"},
    end_expected{"destructor", 0, SIGABRT},
    end_expected{"memory", 0, SIGKILL, "memory limit"}),
    [](const auto& p) {
      auto name = p.param.how;
      for (auto& c : name) if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
      return name;
    });

TEST_P(Death, OfOneAmongTenThousandSubmitsFailsThatTaskOnly) {
  auto p = eight();
  constexpr int n = 10'000, fatal = 4321;
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < n; ++i)
    all.push_back(i == fatal ? p.submit<die>(GetParam().how) : p.submit<square>(i % 1000));
  for (int i = 0; i < n; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    ASSERT_TRUE(f.wait_for(30s)) << i;
    if (i == fatal) expect_end(f.error());
    else EXPECT_EQ(value_or_error(f), std::to_string((i % 1000) * (i % 1000))) << i;
  }
  EXPECT_EQ(p.stats().lost, 1U);
  EXPECT_TRUE(eventually([&] { return p.stats().restarts == 1; }));
  EXPECT_EQ(p.apply<square>(3), 9);
  EXPECT_TRUE(eventually([&] { return events("worker_lost") == 1; }));
}

TEST_P(Death, OfOneItemAmongTenThousandCostsAStreamThatItemOnly) {
  auto p = eight();
  constexpr int n = 10'000, fatal = 7654;
  std::vector<std::pair<int, std::string>> items;
  for (int i = 0; i < n; ++i) items.emplace_back(i, i == fatal ? GetParam().how : "");
  auto t = p.imap([](const std::pair<int, std::string>& x) { return x.second.empty() ? square(x.first % 1000) : die(x.second); },
                  items, {.window = 2000});
  for (int i = 0; i < n; ++i) {
    if (i == fatal) expect_end(thrown_by([&] { t.next(); }));
    else ASSERT_EQ(t.next(), (i % 1000) * (i % 1000)) << i;
  }
  EXPECT_EQ(p.stats().lost, 1U);
}

TEST_P(Death, InAMapIsThrownByTheMap) {
  auto p = eight();
  constexpr int n = 10'000;
  std::vector<int> xs(n);
  std::iota(xs.begin(), xs.end(), 0);
  expect_end(thrown_by([&] {
    p.map<square_or_die>(xs, std::vector<int>(n, 5000), std::vector<std::string>(n, GetParam().how));
  }));
  EXPECT_EQ(p.map<square>(std::vector<int>(n, 2)), std::vector<int>(n, 4));
}

TEST_F(DeathOf, AWorkerIsMadeGoodByRetries) {
  auto p = pool({.workers = 4, .on_loss = loss_policy::retry_task});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 2000; ++i)
    all.push_back(i % 500 == 250 ? p.submit<dies_at_first>(file(std::to_string(i)), 1, i) : p.submit<add>(i, 0));
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(30s), i);
  EXPECT_EQ(all[250].receipt().attempts, 2);
  EXPECT_EQ(p.stats().lost, 0U);
  EXPECT_TRUE(eventually([&] { return p.stats().restarts == 4; }));
}

TEST_F(DeathOf, AMapsWorkersIsMadeGoodByRetries) {
  auto p = pool({.workers = 4, .on_loss = loss_policy::retry_task});
  std::vector<std::string> paths;
  std::vector<int> times(1000, 0), xs(1000);
  std::iota(xs.begin(), xs.end(), 0);
  for (int i = 0; i < 1000; ++i) paths.push_back(file(std::to_string(i)));
  for (const std::size_t i : {0, 333, 999}) times[i] = 2;
  EXPECT_EQ(p.map<dies_at_first>(paths, times, xs), xs);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(marks(paths[i]), 1 + times[i]) << "ran twice: " << i;
}

TEST_F(DeathOf, EveryWorkerByOneTaskEndsAfterItsRetries) {
  auto p = pool({.workers = 2, .on_loss = loss_policy::retry_task, .max_retries = 2});
  const auto f = p.submit<dies_at_first>(file("ran"), 1000, 1);
  std::vector<troupe::future<int>> others;
  for (int i = 0; i < 500; ++i) others.push_back(p.submit<add>(i, 1));
  ASSERT_TRUE(f.wait_for(30s));
  EXPECT_EQ(as<worker_lost>(f.error()).attempt(), 3);
  EXPECT_EQ(marks(file("ran")), 3);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(others[static_cast<std::size_t>(i)].get(30s), i + 1);
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_F(DeathOf, ACallMaySayItsOwnRetries) {
  auto p = pool({.workers = 2});
  EXPECT_EQ(p.submit<dies_at_first>({.retries = 2}, file("two"), 2, 5).get(30s), 5);
  EXPECT_THROW(p.submit<dies_at_first>({.retries = 1}, file("three"), 3, 5).get(30s), worker_lost);
  EXPECT_EQ(marks(file("three")), 2);
  auto q = pool({.workers = 2, .on_loss = loss_policy::retry_task});
  EXPECT_THROW(q.submit<dies_at_first>({.retries = 0}, file("one"), 1, 5).get(30s), worker_lost);
  EXPECT_EQ(marks(file("one")), 1);
}

TEST_F(DeathOf, AWorkerRunsNoTaskTwiceByDefault) {
  auto p = pool({.workers = 3});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 600; ++i)
    all.push_back(i % 100 == 50 ? p.submit<dies_at_first>(file("fatal"), 100, i) : p.submit<mark>(file("ran"), i));
  int lost = 0;
  for (const auto& f : all) {
    ASSERT_TRUE(f.wait_for(30s));
    lost += f.outcome() ? 0 : 1;
  }
  EXPECT_EQ(lost, 6);
  EXPECT_EQ(marks(file("fatal")), 6);
  EXPECT_EQ(marks(file("ran")), 594);
}

TEST_F(DeathOf, AWorkerBreaksThePoolIfAsked) {
  auto p = pool({.workers = 3, .on_loss = loss_policy::break_pool});
  EXPECT_EQ(p.apply<square>(3), 9);
  const turnstile t{file("gate")};
  const auto waits = p.submit<pass_deaf>(t.path, 1);
  const auto dies = p.submit<die>("exit(3)");
  std::vector<troupe::future<int>> behind;
  for (int i = 0; i < 50; ++i) behind.push_back(p.submit<pass_deaf>(t.path, i));
  ASSERT_TRUE(dies.wait_for(30s));
  EXPECT_TRUE(is<worker_lost>(dies.error()) || is<troupe::pool_broken>(dies.error())) << what(dies.error());
  for (const auto& f : behind) EXPECT_TRUE(f.wait_for(30s) && is<troupe::pool_broken>(f.error())) << what(f.error());
  EXPECT_TRUE(is<troupe::pool_broken>(waits.error())) << what(waits.error());
  const auto error = thrown_by([&] { p.submit<square>(1); });
  ASSERT_TRUE(is<troupe::pool_broken>(error)) << what(error);
  EXPECT_NE(what(error).find("exit 3"), std::string::npos) << what(error);
  EXPECT_EQ(as<troupe::pool_broken>(error).deaths().size(), 1U);
  p.close();
  EXPECT_TRUE(p.join(20s));
}

TEST_F(DeathOf, TooManyWorkersBreaksThePool) {
  auto p = pool({.workers = 2, .restarts = {3, 60s}});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<die>("raise 9"));
  int lost = 0, broken = 0;
  for (const auto& f : all) {
    ASSERT_TRUE(f.wait_for(30s));
    lost += is<worker_lost>(f.error()) ? 1 : 0;
    broken += is<troupe::pool_broken>(f.error()) ? 1 : 0;
  }
  EXPECT_EQ(lost + broken, 20);
  EXPECT_GE(lost, 4);
  EXPECT_LE(lost, 6);
  const auto error = thrown_by([&] { p.submit<square>(1); });
  EXPECT_NE(what(error).find("more than 3 deaths"), std::string::npos) << what(error);
  EXPECT_GE(as<troupe::pool_broken>(error).deaths().size(), 4U);
}

TEST_F(DeathOf, IdleWorkersFailsNothing) {
  auto p = pool({.workers = 4});
  for (int round = 0; round < 3; ++round) {
    const auto before = p.stats().restarts;
    EXPECT_TRUE(eventually([&] { return p.stats().workers.size() == 4 && p.stats().workers[3].pid != 0; }));
    std::vector<int> pids;
    for (const auto& w : p.stats().workers) if (w.pid != 0) pids.push_back(w.pid);
    kill(pids.at(0), SIGKILL);
    kill(pids.at(1), SIGTERM);
    EXPECT_EQ(p.map<square>(std::vector<int>(100, 3)), std::vector<int>(100, 9));
    EXPECT_TRUE(eventually([&] { return p.stats().restarts == before + 2; }));
  }
  EXPECT_EQ(p.stats().lost, 0U);
}

TEST_F(DeathOf, AWorkerIsToldWithoutAnyCallByTheUser) {
  auto p = pool({.workers = 1});
  const int pid = p.apply<troupe::tasks::pid>();
  kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return events("worker_lost") == 1; }));
  EXPECT_TRUE(eventually([&] { return kill(pid, 0) != 0; })) << "a zombie is left";
}

TEST_F(DeathOf, ByADeadlineEndsOnlyTheTaskThatOverstayed) {
  auto p = pool({.workers = 8});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 10'000; ++i)
    all.push_back(i == 4321 ? p.submit<die>({.deadline = 100ms}, "never") : p.submit<square>(i % 1000));
  for (int i = 0; i < 10'000; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    ASSERT_TRUE(f.wait_for(30s)) << i;
    if (i == 4321) EXPECT_TRUE(is<troupe::timeout_error>(f.error())) << what(f.error());
    else EXPECT_EQ(value_or_error(f), std::to_string((i % 1000) * (i % 1000)));
  }
  EXPECT_EQ(p.stats().lost, 0U);
}

TEST_F(DeathOf, AStoppedWorkerComesAtTheDeadline) {
  auto p = pool({.workers = 1});
  const auto f = p.submit<die>({.deadline = 200ms}, "raise 19");
  EXPECT_THROW(f.get(20s), troupe::timeout_error);
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

TEST_F(DeathOf, AWorkerStoppedWhileIdleHoldsUpNeitherTasksNorTheEndOfThePool) {
  auto p = pool({.workers = 2, .grace = 100ms});
  ASSERT_TRUE(eventually([&] { return p.stats().workers.at(0).pid != 0; }));
  kill(p.stats().workers.at(0).pid, SIGSTOP);
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(p.submit<square>(i));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(20s), i * i);
  p.terminate();
  EXPECT_TRUE(p.join(20s));
}

TEST_F(DeathOf, AWorkerThatClosedItsDescriptorsIsSeen) {
  auto p = pool({.workers = 1});
  for (int i = 0; i < 3; ++i) {
    const auto f = p.submit<closes_all>(i);
    ASSERT_TRUE(f.wait_for(20s));
    EXPECT_TRUE(f.outcome() || is<worker_lost>(f.error())) << what(f.error());
    EXPECT_EQ(p.submit<square>(3).get(20s), 9);
  }
}

TEST_F(DeathOf, AKeysWorkerKeepsTheOrderOfTheOthers) {
  auto p = pool({.workers = 3});
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 30; ++i)
    all.push_back(i == 10 ? p.submit<die>({.key = "k"}, "raise 9") : p.submit<mark>({.key = "k"}, file("ran"), i));
  for (int i = 0; i < 30; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    ASSERT_TRUE(f.wait_for(20s));
    EXPECT_EQ(f.outcome().ok(), i != 10) << i;
  }
  EXPECT_EQ(marks(file("ran")), 29);
}

TEST_F(DeathOf, WorkersWhileOthersAreReplacedAndThePoolIsResized) {
  auto random = random_source();
  auto p = pool({.workers = 4, .max_tasks_per_worker = 20, .restarts = {1000, 1s}});
  std::vector<troupe::future<int>> all;
  int fatal = 0;
  for (int i = 0; i < 1000; ++i) {
    const bool dies = random() % 50 == 0;
    fatal += dies ? 1 : 0;
    all.push_back(dies ? p.submit<die>("raise 9") : p.submit<square>(2));
    if (random() % 100 == 0) p.resize(1 + random() % 6);
  }
  int lost = 0;
  for (const auto& f : all) {
    ASSERT_TRUE(f.wait_for(60s));
    if (is<worker_lost>(f.error())) ++lost;
    else EXPECT_EQ(f.get(), 4);
  }
  EXPECT_EQ(lost, fatal);
}

TEST_F(DeathOf, AWorkerLeavesItsLastWordsInTheError) {
  auto p = pool({.workers = 1});
  const auto e = as<worker_lost>(p.submit<die>("noexcept").error());
  EXPECT_NE(e.stderr_tail().find("out of noexcept"), std::string::npos) << e.stderr_tail();
}

TEST_F(DeathOf, AWorkerTakesAlongWhatItStarted) {
  auto p = pool({.workers = 1});
  p.submit([](const std::string& path) {
     if (fork() == 0) {
       setenv("unused", "1", 1);
       pass_deaf(path, 1);
       _exit(0);
     }
     while (marks(path) == 0) usleep(1000);
     raise(SIGKILL);
   }, file("gate")).wait();
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

}  // namespace
