#include "actors/lock_state.hpp"

#include "tests/actors/asked_by_hand.hpp"

#include <gmock/gmock.h>

namespace troupe::detail {
namespace {

using testing::ElementsAre;

class Lock : public asked_by_hand {
 protected:
  Lock() { make<lock_state>(); }
  void acquire(std::uint64_t id, party who) { ask(id, verb::acquire, who); }
  void release(std::uint64_t id, party who) { ask(id, verb::release, who); }
  void inherited(std::uint64_t id, party who) { ask(id, verb::inherited, who); }
  void wait(std::uint64_t id, party who) { ask(id, verb::wait, who, {.number = 1}); }
  void notify(std::uint64_t id, party who) {
    ask(id, verb::notify, who, {.number = (std::uint64_t{1} << 32) | 1});
  }
};

TEST_F(Lock, IsHeldByOneAtATimeInTheOrderOfAsking) {
  acquire(1, a);
  acquire(2, b);
  acquire(3, c);
  EXPECT_THAT(heard(), ElementsAre("1 done"));
  release(4, a);
  EXPECT_THAT(heard(), ElementsAre("4 done", "2 done"));
  release(5, b);
  release(6, c);
  acquire(7, a);
  EXPECT_THAT(heard(), ElementsAre("5 done", "3 done", "6 done", "7 done"));
}

TEST_F(Lock, WouldDeadlockIfItsHolderWaitedForItAgain) {
  acquire(1, a);
  acquire(2, a);
  ask(3, verb::acquire, a, {.at_once = true});
  release(4, a);
  release(5, a);
  EXPECT_THAT(heard(),
              ElementsAre("1 done", "2 deadlock", "3 would_block", "4 done", "5 misused"));
}

TEST_F(Lock, AskedForAtOnceDoesNotWait) {
  ask(1, verb::acquire, a, {.at_once = true});
  ask(2, verb::acquire, b, {.at_once = true});
  release(3, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 would_block", "3 done"));
}

TEST_F(Lock, ThreadsOfOneProcessExcludeEachOther) {
  acquire(1, c);
  acquire(2, d);
  release(3, d);
  EXPECT_THAT(heard(), ElementsAre("1 done", "3 misused"));
}

TEST_F(Lock, OnlyItsHolderReleasesItAsksAboutItWaitsAndNotifies) {
  ask(1, verb::new_condition, b);
  const auto misuse = [&] {
    heard();
    release(2, b);
    inherited(3, b);
    wait(4, b);
    notify(5, b);
    EXPECT_THAT(heard(), ElementsAre("2 misused", "3 misused", "4 misused", "5 misused"));
  };
  misuse();
  acquire(6, a);
  misuse();
}

TEST_F(Lock, WhoNoLongerWaitsForItIsPassedOver) {
  acquire(1, a);
  acquire(2, b);
  acquire(3, c);
  withdraw(2);
  withdraw(2);
  withdraw(1);
  release(4, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 timed_out", "4 done", "3 done"));
}

TEST_F(Lock, OfAHolderThatEndsPassesToTheNextWhoIsToldSo) {
  acquire(1, c);
  acquire(2, d);
  acquire(3, a);
  acquire(4, b);
  gone({7, 0});
  inherited(5, a);
  release(6, a);
  inherited(7, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "3 done 1", "5 done 1", "6 done", "4 done", "7 done"));
}

TEST_F(Lock, OfAHolderThatEndsIsInheritedByWhoeverAsksNext) {
  acquire(1, c);
  gone(c);
  acquire(2, a);
  release(3, a);
  acquire(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 1", "3 done", "4 done"));
}

TEST_F(Lock, IsInheritedAgainIfItsHeirEndsToo) {
  acquire(1, c);
  gone(c);
  acquire(2, d);
  gone(d);
  acquire(3, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 1", "3 done 1"));
}

TEST_F(Lock, IsNotInheritedFromThreadsThatDoNotHoldIt) {
  acquire(1, a);
  acquire(2, c);
  gone(d);
  gone(c);
  release(3, a);
  acquire(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "3 done", "4 done"));
}

TEST_F(Lock, TheOwnersEndEndsAllThatWait) {
  ask(1, verb::new_condition, a);
  acquire(2, a);
  wait(3, a);
  acquire(4, b);
  acquire(5, c);
  heard();
  end();
  EXPECT_THAT(heard(), ElementsAre("5 closed", "3 closed"));
}

TEST_F(Lock, AfterTheOwnersEndItsHolderMayReleaseItAndAllElseIsClosed) {
  ask(9, verb::new_condition, a);
  acquire(1, a);
  heard();
  end();
  inherited(2, a);
  wait(3, a);
  notify(4, a);
  ask(5, verb::new_condition, a);
  release(6, b);
  release(7, a);
  release(8, a);
  acquire(9, a);
  EXPECT_THAT(heard(), ElementsAre("2 closed", "3 closed", "4 closed", "5 closed", "6 closed",
                                   "7 done", "8 closed", "9 closed"));
}

TEST_F(Lock, KnowsItsOwnVerbsOnly) {
  ask(1, verb::put, a);
  EXPECT_THAT(heard(), ElementsAre("1 not_known"));
}

}  // namespace
}  // namespace troupe::detail
