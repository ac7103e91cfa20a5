// Systems: several at once, one after another, inside an actor system that exists, and their ends.
#include "tests/runtime/support.hpp"

#include <troupe/caf.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/logger.hpp>

#include <latch>
#include <thread>

using namespace support;
using troupe::placement;

namespace {

class System : public placed_test {
 protected:
  troupe::pool_options one() const { return {.workers = 1, .where = where()}; }
};
INSTANTIATE_TEST_SUITE_P(, System, every_placement, placement_name);
class Program : public clean_test {
 protected:
  /// Runs a program of tests/programs and gives its exit code.
  int run(const std::string& arguments) {
    return WEXITSTATUS(std::system((TROUPE_PROGRAMS_DIR "/" + arguments + " > " + file("out")).c_str()));
  }
};

TEST_P(System, SeveralMayExistAtOnce) {
  troupe::system a, b;
  troupe::pool p{a, one()}, q{b, one()}, r{a, one()};
  EXPECT_EQ(p.apply<square>(2) + q.apply<square>(3) + r.apply<square>(4), 29);
  EXPECT_EQ(a.stats().pools, 2U);
  EXPECT_EQ(b.stats().pools, 1U);
}

TEST_P(System, TwoHundredInARowLeaveNothing) {
  for (int i = 0; i < 200; ++i) {
    troupe::system s;
    troupe::pool p{s, one()};
    ASSERT_EQ(p.apply<square>(i), i * i);
  }
}

TEST_P(System, ThatIsNeverUsedCostsNothing) {
  for (int i = 0; i < 50; ++i) troupe::system s;
}

TEST_P(System, MayBeDestroyedByAnotherThread) {
  auto s = std::make_unique<troupe::system>();
  { EXPECT_EQ((troupe::pool{*s, one()}.apply<square>(2)), 4); }
  std::jthread{[&] { s.reset(); }};
  EXPECT_EQ(s, nullptr);
}

TEST_P(System, MayEndWhileThreadsThatUsedItLive) {
  std::latch used{4}, gone{1};
  std::vector<std::jthread> threads;
  {
    troupe::system s;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        { EXPECT_EQ((troupe::pool{s, one()}.apply<square>(2)), 4); }
        used.count_down();
        gone.wait();
      });
    used.wait();
  }
  gone.count_down();
}

TEST_P(System, MayBeMoved) {
  troupe::system a;
  troupe::system b = std::move(a);
  troupe::pool p{b, one()};
  EXPECT_EQ(p.apply<square>(2), 4);
}

TEST_P(System, MayEndBeforeItsPools) {
  std::optional<troupe::system> s{std::in_place};
  troupe::pool p{*s, one()};
  const auto f = p.submit<square>(3);
  s.reset();
  EXPECT_EQ(f.get(), 9);
  EXPECT_THROW(p.submit<square>(1), troupe::closed_error);
  p.join();
}

TEST_P(System, LivesInsideAnActorSystemThatExists) {
  caf::actor_system_config config;
  {
    caf::actor_system actors{config};
    {
      troupe::system s = troupe::attach(actors);
      troupe::pool p{s, {.workers = 2, .where = where()}};
      EXPECT_EQ(p.map<square>({1, 2, 3}), (std::vector{1, 4, 9}));
      std::atomic<bool> called{false};
      p.submit<square>(1).then([&](const auto&) { called = true; });
      EXPECT_TRUE(eventually([&] { return called.load(); }));
    }
    troupe::system again = troupe::attach(actors);
    EXPECT_EQ((troupe::pool{again, one()}.apply<square>(5)), 25);
  }
  caf::logger::set_current_actor_system(nullptr);
}

TEST_P(System, TellsEventsOnAThreadOfItsOwnAndSurvivesAThrowingListener) {
  std::atomic<int> told{0};
  troupe::system s{{.on_event = [&](const troupe::system_event&) {
    ++told;
    throw std::runtime_error{"listener"};
  }}};
  troupe::pool p{s, {.workers = 2, .where = where()}};
  EXPECT_EQ(p.apply<square>(2), 4);
  const int expected = where() == placement::inline_ ? 0 : 2;
  EXPECT_TRUE(eventually([&] { return told == expected; }));
}

TEST_F(Program, WithoutInitIsToldTheMissingLine) {
  EXPECT_EQ(run("no_init"), 0);
  EXPECT_EQ(std::system(("grep -q 'troupe::init(argc, argv);' " + file("out")).c_str()), 0);
}

TEST_F(Program, EndsAlthoughAThreadIsLeftBehind) {
  EXPECT_EQ(run("left_behind"), 0);
  EXPECT_EQ(run("left_behind and_ends"), 0);
}

TEST_F(Program, MayHaveAStaticPool) {
  EXPECT_EQ(run("static_pool process"), 0);
  EXPECT_EQ(run("static_pool process exit"), 0);
  EXPECT_EQ(run("static_pool thread"), 0);
  EXPECT_EQ(run("static_pool thread exit"), 0);
}

}  // namespace
