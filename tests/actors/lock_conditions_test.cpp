#include "actors/lock_state.hpp"

#include "tests/actors/asked_by_hand.hpp"

#include <gmock/gmock.h>

namespace troupe::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The conditions of a mutex.
class Conditions : public asked_by_hand {
 protected:
  Conditions() { make<lock_state>(); }
  void acquire(std::uint64_t id, party who) { ask(id, verb::acquire, who); }
  void release(std::uint64_t id, party who) { ask(id, verb::release, who); }
  void wait(std::uint64_t id, party who, std::uint64_t condition = 1) {
    ask(id, verb::wait, who, {.number = condition});
  }
  void notify(std::uint64_t id, party who, std::uint64_t many = 1, std::uint64_t condition = 1) {
    ask(id, verb::notify, who, {.number = (many << 32) | condition});
  }
  // The condition 1, for which these wait by the requests 1, 2, ...
  void with_waiters(std::initializer_list<party> who) {
    ask(90, verb::new_condition, a);
    std::uint64_t id = 0;
    for (const auto& p : who) {
      acquire(91, p);
      wait(++id, p);
    }
    heard();
  }

  static constexpr std::uint64_t all = 0xffffffff;
};

TEST_F(Conditions, AreNumberedFromOne) {
  ask(1, verb::new_condition, a);
  acquire(2, a);
  ask(3, verb::new_condition, a);
  ask(4, verb::new_condition, b);
  EXPECT_THAT(heard(), ElementsAre("1 done 1", "2 done", "3 done 2", "4 done 3"));
}

TEST_F(Conditions, ThatAreNotNumberedAreNotKnown) {
  ask(1, verb::new_condition, a);
  acquire(2, a);
  wait(3, a, 0);
  wait(4, a, 2);
  notify(5, a, 1, 0);
  notify(6, a, 1, 2);
  EXPECT_THAT(heard(), ElementsAre("1 done 1", "2 done", "3 misused", "4 misused", "5 misused",
                                   "6 misused"));
  release(7, a);
  EXPECT_THAT(heard(), ElementsAre("7 done"));
}

TEST_F(Conditions, TheMutexIsFreeWhileItsHolderWaits) {
  ask(1, verb::new_condition, a);
  acquire(2, a);
  acquire(3, b);
  wait(4, a);
  EXPECT_THAT(heard(), ElementsAre("1 done 1", "2 done", "3 done"));
  notify(5, b);
  EXPECT_THAT(heard(), ElementsAre("5 done"));
  release(6, b);
  EXPECT_THAT(heard(), ElementsAre("6 done", "4 done"));
  release(7, a);
  EXPECT_THAT(heard(), ElementsAre("7 done"));
}

TEST_F(Conditions, ANotifiedWaiterStandsBehindThoseInLine) {
  with_waiters({a});
  acquire(2, b);
  acquire(3, c);
  notify(4, b);
  acquire(5, d);
  release(6, b);
  release(7, c);
  release(8, a);
  EXPECT_THAT(heard(), ElementsAre("2 done", "4 done", "6 done", "3 done", "7 done", "1 done",
                                   "8 done", "5 done"));
}

TEST_F(Conditions, AsManyAreNotifiedAsAskedForOldestFirst) {
  with_waiters({a, b, c});
  acquire(4, d);
  notify(5, d, 0);
  notify(6, d, 2);
  release(7, d);
  release(8, a);
  release(9, b);
  EXPECT_THAT(heard(), ElementsAre("4 done", "5 done", "6 done", "7 done", "1 done", "8 done",
                                   "2 done", "9 done"));
}

TEST_F(Conditions, AllAreNotified) {
  with_waiters({a, b});
  acquire(3, d);
  notify(4, d, all);
  notify(5, d, all);
  release(6, d);
  release(7, a);
  EXPECT_THAT(heard(),
              ElementsAre("3 done", "4 done", "5 done", "6 done", "1 done", "7 done", "2 done"));
}

TEST_F(Conditions, OnlyThoseAreNotifiedWhoWaitForThatOne) {
  with_waiters({a});
  ask(2, verb::new_condition, b);
  acquire(3, b);
  wait(4, b, 2);
  acquire(5, c);
  notify(6, c, all, 2);
  release(7, c);
  release(8, b);
  EXPECT_THAT(heard(), ElementsAre("2 done 2", "3 done", "5 done", "6 done", "7 done", "4 done",
                                   "8 done"));
}

TEST_F(Conditions, NotifyingNobodyIsNotRemembered) {
  with_waiters({});
  acquire(1, a);
  notify(2, a);
  wait(3, a);
  acquire(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "4 done"));
}

TEST_F(Conditions, WaitingIsNotDoneAtOnce) {
  with_waiters({});
  acquire(1, a);
  ask(2, verb::wait, a, {.number = 1, .at_once = true});
  release(3, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 would_block", "3 done"));
}

TEST_F(Conditions, AWaiterThatTimesOutHoldsTheMutexAgainWhenItHears) {
  with_waiters({a, b});
  withdraw(1);
  EXPECT_THAT(heard(), ElementsAre("1 timed_out"));
  withdraw(2);
  EXPECT_THAT(heard(), IsEmpty());
  release(3, a);
  release(4, b);
  EXPECT_THAT(heard(), ElementsAre("3 done", "2 timed_out", "4 done"));
}

TEST_F(Conditions, AWaiterThatTimesOutIsNoLongerNotified) {
  with_waiters({a, b});
  acquire(3, c);
  withdraw(1);
  withdraw(1);
  notify(4, c);
  release(5, c);
  release(6, a);
  EXPECT_THAT(heard(),
              ElementsAre("3 done", "4 done", "5 done", "1 timed_out", "6 done", "2 done"));
}

TEST_F(Conditions, ANotifiedWaiterCanNoLongerTimeOut) {
  with_waiters({a});
  acquire(2, b);
  notify(3, b);
  withdraw(1);
  release(4, b);
  EXPECT_THAT(heard(), ElementsAre("2 done", "3 done", "4 done", "1 done"));
}

TEST_F(Conditions, TheMutexIsInheritedByAWaiterToo) {
  with_waiters({a});
  acquire(2, c);
  notify(3, c);
  gone(c);
  ask(4, verb::inherited, a);
  wait(5, a);
  acquire(6, b);
  EXPECT_THAT(heard(), ElementsAre("2 done", "3 done", "1 done 1", "4 done 1", "6 done"));
}

TEST_F(Conditions, WaitersThatEndAreForgotten) {
  with_waiters({c, d, a, b});
  acquire(5, d);
  notify(6, d, 2);
  gone({7, 0});
  EXPECT_THAT(heard(), ElementsAre("5 done", "6 done"));
  acquire(7, a);
  EXPECT_THAT(heard(), ElementsAre("7 done 1"));
  notify(8, a);
  release(9, a);
  EXPECT_THAT(heard(), ElementsAre("8 done", "9 done", "3 done"));
}

}  // namespace
}  // namespace troupe::detail
