// What a pool and a call can be told, and what they refuse.
#include "tests/runtime/support.hpp"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

using namespace support;
using troupe::loss_policy;
using troupe::placement;

namespace {

class Options : public clean_test {};
class Bound : public placed_test {
 protected:
  troupe::pool bounded(std::size_t max, duration timeout = duration::max()) {
    return clean_test::pool(
        {.workers = 1, .where = where(), .max_pending = max, .submit_timeout = timeout});
  }
};
INSTANTIATE_TEST_SUITE_P(, Bound, real_workers, placement_name);
class Key : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Key, every_placement, placement_name);
class Initializer : public placed_test {
 protected:
  troupe::pool_options with(troupe::function<void()> f, std::size_t workers = 2) {
    return {.workers = workers, .where = where(), .initializer = std::move(f)};
  }
};
INSTANTIATE_TEST_SUITE_P(, Initializer, every_placement, placement_name);
class InitializerOfAProcess : public clean_test {};

std::atomic<int> initialized{0};
void initialize() { ++initialized; }
int times_initialized() { return initialized; }
void throws() { throw std::runtime_error{"no database"}; }
void throws_a_number() { throw 42; }
void exits() { std::_Exit(3); }
void aborts() { std::abort(); }
struct leaves_mark {
  std::string path;
  void operator()() const { mark(path, 1); }
  template <class Archive>
  void serialize(Archive& a) { a(path); }
};
struct fails_in_the_second {
  std::string path;
  void operator()() const {
    mark(path, 1);
    if (marks(path) > 1) throw std::runtime_error{"only one may"};
  }
  template <class Archive>
  void serialize(Archive& a) { a(path); }
};
int append(const std::string& path, const std::string& text) {
  FILE* f = std::fopen(path.c_str(), "a");
  std::fputs(text.c_str(), f);
  std::fclose(f);
  return 0;
}

TEST_F(Options, ThatCannotBeAreRefusedByName) {
  const std::vector<std::pair<std::string, troupe::pool_options>> bad{
      {"workers", {.workers = 5000}},
      {"workers", {.workers = static_cast<std::size_t>(-1)}},
      {"max_retries", {.max_retries = -1}},
      {"max_retries", {.max_retries = 2}},
      {"max_retries", {.on_loss = loss_policy::break_pool, .max_retries = 2}},
      {"restarts.max", {.restarts = {-1, 1s}}},
      {"restarts.period", {.restarts = {1, 0s}}},
      {"grace", {.grace = -1s}},
      {"submit_timeout", {.submit_timeout = -1s}},
      {"memory_limit", {.where = placement::thread, .memory_limit = 1 << 30}},
      {"memory_limit", {.memory_limit = 1000}}};
  for (const auto& [option, options] : bad) {
    const auto error = thrown_by([&, o = options] { pool(o); });
    EXPECT_TRUE(is<troupe::usage_error>(error)) << option;
    EXPECT_NE(what(error).find("pool_options." + option), std::string::npos) << what(error);
  }
  EXPECT_THROW(sys({.scheduler_threads = 1000}), troupe::usage_error);
}

TEST_F(Options, OfACallThatCannotBeAreRefused) {
  for (const auto where : {placement::inline_, placement::thread}) {
    auto p = pool({.workers = 1, .where = where});
    EXPECT_THROW(p.submit<square>({.deadline = 0s}, 1), troupe::usage_error);
    EXPECT_THROW(p.submit<square>({.deadline = -1s}, 1), troupe::usage_error);
    EXPECT_THROW(p.submit<square>({.retries = -2}, 1), troupe::usage_error);
    EXPECT_EQ(p.stats().pending, 0U);
  }
}

TEST_F(Options, ByDefaultThereIsOneWorkerForEachCore) {
  EXPECT_EQ(pool({}).stats().workers.size(), troupe::cpu_count());
  EXPECT_GE(troupe::cpu_count(), 1U);
  EXPECT_GE(troupe::cpu_count(troupe::physical), 1U);
}

TEST_P(Bound, SubmitBlocksWhileMaxPendingTasksAreUnfinished) {
  auto p = bounded(3);
  const turnstile t{file("gate")};
  std::atomic<int> accepted{0};
  std::vector<troupe::future<int>> all;
  {
    std::jthread submits{[&] {
      for (int i = 0; i < 10; ++i) {
        all.push_back(p.submit<pass>(t.path, i));
        ++accepted;
      }
    }};
    EXPECT_TRUE(eventually([&] { return accepted == 3; }));
    EXPECT_EQ(p.stats().pending + p.stats().running, 3U);
    t.open();
  }
  for (int i = 0; i < 10; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)].get(20s), i);
}

TEST_P(Bound, SubmitThatMayNotWaitAnyLongerThrowsFullError) {
  auto p = bounded(1, 10ms);
  const turnstile t{file("gate")};
  const auto f = p.submit<pass>(t.path, 1);
  EXPECT_THROW(p.submit<square>(1), troupe::full_error);
  EXPECT_THROW(p.map<square>({1, 2}), troupe::full_error);
  t.open();
  EXPECT_EQ(f.get(), 1);
  EXPECT_EQ(p.apply<square>(3), 9);
}

TEST_P(Bound, ATimeoutOfZeroIsATry) {
  auto p = bounded(1, 0s);
  const turnstile t{file("gate")};
  const auto f = p.submit<pass>(t.path, 1);
  EXPECT_THROW(p.submit<square>(1), troupe::full_error);
  t.open();
}

TEST_P(Bound, CloseWakesThoseWhoWaitForRoom) {
  auto p = bounded(1);
  const turnstile t{file("gate")};
  const auto f = p.submit<pass>(t.path, 1);
  std::exception_ptr error;
  {
    std::atomic<bool> begun{false};
    std::jthread submits{[&] {
      begun = true;
      error = thrown_by([&] { p.submit<square>(1); });
    }};
    EXPECT_TRUE(eventually([&] { return begun.load(); }));
    p.close();
  }
  EXPECT_TRUE(is<troupe::closed_error>(error)) << what(error);
  t.open();
}

TEST_P(Bound, OneThousandTasksPassThroughANarrowDoor) {
  auto p = bounded(2);
  std::atomic<int> sum{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 250; ++i) p.submit<square>(1).then([&](const auto& f) { sum += f.get(); });
      });
  }
  EXPECT_TRUE(eventually([&] { return sum == 1000; }));
}

TEST_P(Bound, CancelMakesRoom) {
  auto p = bounded(2, 10ms);
  const turnstile t{file("gate")};
  const auto running = p.submit<pass>(t.path, 1);
  ASSERT_TRUE(eventually([&] { return running.running(); }));
  auto waiting = p.submit<square>(1);
  EXPECT_THROW(p.submit<square>(2), troupe::full_error);
  waiting.cancel();
  EXPECT_NO_THROW(p.submit<square>(2));
  t.open();
}

TEST_P(Bound, AStreamGoesThroughToo) {
  auto p = bounded(1);
  int n = 0;
  for (const int y : p.imap<square>(std::vector<int>(100, 2))) n += y;
  EXPECT_EQ(n, 400);
}

TEST_P(Key, TasksOfOneKeyRunOnOneWorkerInOrder) {
  auto p = pool(3);
  std::vector<troupe::future<int>> all;
  std::string expected;
  for (int i = 0; i < 300; ++i)
    for (const char* key : {"a", "b"})
      all.push_back(p.submit<append>({.key = key}, file(key), std::to_string(i) + " "));
  for (int i = 0; i < 300; ++i) expected += std::to_string(i) + " ";
  std::set<std::string> workers;
  for (std::size_t i = 0; i < all.size(); i += 2) workers.insert(all[i].receipt().worker);
  for (const auto& f : all) f.get();
  EXPECT_EQ(workers.size(), 1U);
  for (const char* key : {"a", "b"}) {
    std::ifstream in{file(key)};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{in}, {}), expected);
  }
}

TEST_P(Key, OrderHoldsAmongOtherTasks) {
  auto p = pool(2);
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    p.submit<append>({.key = "k"}, file("k"), std::to_string(i) + " ");
    p.submit<square>(i);
    p.map_async<square>(std::vector<int>(50, i));
    expected += std::to_string(i) + " ";
  }
  p.close();
  p.join();
  std::ifstream in{file("k")};
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>{in}, {}), expected);
}

TEST_P(Initializer, RunsInEachWorkerBeforeItsFirstTask) {
  initialized = 0;
  auto p = clean_test::pool(with(troupe::fn<initialize>, 1));
  EXPECT_EQ(p.apply<times_initialized>(), 1);
}

TEST_P(Initializer, CarriesItsData) {
  auto p = clean_test::pool(with(leaves_mark{file("ran")}));
  const int expected = where() == placement::inline_ ? 1 : 2;
  p.map<square>(std::vector<int>(100, 1));
  EXPECT_TRUE(eventually([&] { return marks(file("ran")) == expected; }));
}

TEST_P(Initializer, ThatThrowsBreaksThePoolAndSaysWhy) {
  auto p = clean_test::pool(with(troupe::fn<throws>));
  const auto error = thrown_by([&] { p.submit<square>(1).get(20s); });
  EXPECT_TRUE(is<troupe::pool_broken>(error)) << what(error);
  EXPECT_NE(what(error).find("no database"), std::string::npos) << what(error);
  EXPECT_THROW(p.map<square>({1, 2}), troupe::pool_broken);
  EXPECT_THROW(p.resize(3), troupe::pool_broken);
}

TEST_P(Initializer, ThatThrowsWhatIsNoExceptionBreaksThePoolToo) {
  auto p = clean_test::pool(with(troupe::fn<throws_a_number>));
  EXPECT_THROW(p.submit<square>(1).get(20s), troupe::pool_broken);
}

TEST_P(Initializer, ThatThrowsInOneWorkerBreaksThePool) {
  if (where() == placement::inline_) GTEST_SKIP() << "there is only one";
  auto p = clean_test::pool(with(fails_in_the_second{file("ran")}));
  EXPECT_TRUE(eventually([&] {
    return is<troupe::pool_broken>(thrown_by([&] { p.submit<square>(1).get(20s); }));
  }));
}

TEST_F(InitializerOfAProcess, ThatDiesBreaksThePoolOrKeepsItFromStarting) {
  for (const auto& f : {troupe::fn<exits>, troupe::fn<aborts>}) {
    const auto error = thrown_by([&] {
      auto p = pool({.workers = 2, .initializer = f});
      p.submit<square>(1).get(20s);
    });
    EXPECT_TRUE(is<troupe::start_error>(error) || is<troupe::pool_broken>(error)) << what(error);
  }
}

TEST_F(InitializerOfAProcess, RunsInReplacementsToo) {
  auto p = pool({.workers = 1, .max_tasks_per_worker = 1, .initializer = leaves_mark{file("ran")}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(p.apply<square>(i), i * i);
  EXPECT_GE(marks(file("ran")), 5);
}

}  // namespace
