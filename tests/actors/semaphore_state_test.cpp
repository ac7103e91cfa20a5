#include "actors/semaphore_state.hpp"

#include "tests/actors/asked_by_hand.hpp"

#include <gmock/gmock.h>

namespace troupe::detail {
namespace {

using testing::ElementsAre;

class Semaphore : public asked_by_hand {
 protected:
  Semaphore() { with(1); }
  void with(std::uint64_t permits) { make<semaphore_state>(permits); }
  void acquire(std::uint64_t id, party who) { ask(id, verb::acquire, who); }
  void release(std::uint64_t id, party who) { ask(id, verb::release, who); }
  void size(std::uint64_t id) { ask(id, verb::size, a); }
};

TEST_F(Semaphore, GivesOutAsManyPermitsAsItHas) {
  with(2);
  size(1);
  acquire(2, a);
  acquire(3, a);
  size(4);
  acquire(5, b);
  EXPECT_THAT(heard(), ElementsAre("1 done 2", "2 done", "3 done", "4 done"));
}

TEST_F(Semaphore, OfNoPermitsLetsAllWait) {
  with(0);
  acquire(1, a);
  release(2, b);
  EXPECT_THAT(heard(), ElementsAre("2 done", "1 done"));
}

TEST_F(Semaphore, ThoseWhoWaitAreServedOldestFirst) {
  acquire(1, a);
  acquire(2, b);
  acquire(3, c);
  release(4, a);
  release(5, b);
  release(6, c);
  size(7);
  EXPECT_THAT(heard(), ElementsAre("1 done", "4 done", "2 done", "5 done", "3 done", "6 done",
                                   "7 done 1"));
}

TEST_F(Semaphore, AskedAtOnceDoesNotWait) {
  ask(1, verb::acquire, a, {.at_once = true});
  ask(2, verb::acquire, b, {.at_once = true});
  release(3, a);
  size(4);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 would_block", "3 done", "4 done 1"));
}

TEST_F(Semaphore, AWithdrawnRequestTakesNoPermit) {
  acquire(1, a);
  acquire(2, b);
  acquire(3, c);
  withdraw(2);
  withdraw(2);
  withdraw(1);
  release(4, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 timed_out", "4 done", "3 done"));
}

TEST_F(Semaphore, ThePermitsOfWhoEndsAreReleased) {
  with(2);
  acquire(1, c);
  acquire(2, d);
  acquire(3, a);
  gone({7, 0});
  size(4);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 done 1"));
}

TEST_F(Semaphore, OneThreadMayEndAndTheOthersOfItsProcessHoldTheirs) {
  with(3);
  acquire(1, c);
  acquire(2, c);
  acquire(3, d);
  gone(c);
  size(4);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 done 2"));
}

TEST_F(Semaphore, WhoEndsWaitsNoMore) {
  acquire(1, a);
  acquire(2, c);
  acquire(3, b);
  gone(c);
  release(4, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "4 done", "3 done"));
}

TEST_F(Semaphore, ReleasingGivesBackOnesOwnFirst) {
  with(2);
  acquire(1, a);
  acquire(2, c);
  release(3, c);
  gone(c);
  size(4);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 done 1"));
}

TEST_F(Semaphore, ReleasingWithoutHoldingOneGivesBackTheOldest) {
  with(2);
  acquire(1, c);
  acquire(2, d);
  release(3, b);
  gone(c);
  size(4);
  gone(d);
  size(5);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 done 1", "5 done 2"));
}

TEST_F(Semaphore, ReleasingWhatNobodyHoldsMakesOneMore) {
  release(1, a);
  size(2);
  acquire(3, b);
  acquire(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 2", "3 done", "4 done"));
}

TEST_F(Semaphore, TheOwnersEndEndsAll) {
  acquire(1, a);
  acquire(2, b);
  end();
  acquire(3, c);
  release(4, a);
  size(5);
  gone(a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 closed", "3 closed", "4 closed", "5 closed"));
}

TEST_F(Semaphore, KnowsItsOwnVerbsOnly) {
  ask(1, verb::inherited, a);
  EXPECT_THAT(heard(), ElementsAre("1 not_known"));
}

}  // namespace
}  // namespace troupe::detail
