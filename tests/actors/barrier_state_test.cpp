#include "actors/barrier_state.hpp"

#include "tests/actors/asked_by_hand.hpp"

#include <gmock/gmock.h>

namespace troupe::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Barrier : public asked_by_hand {
 protected:
  Barrier() { with(3); }
  void with(std::uint64_t parties) { make<barrier_state>(parties); }
  void arrive(std::uint64_t id, party who) { ask(id, verb::arrive, who); }
  void size(std::uint64_t id) { ask(id, verb::size, a); }
};

TEST_F(Barrier, LetsAllGoOnceAllHaveArrivedAndNumbersThemAsTheyCame) {
  arrive(1, a);
  arrive(2, c);
  EXPECT_THAT(heard(), IsEmpty());
  arrive(3, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 1", "3 done 2"));
}

TEST_F(Barrier, CanBeMetAtAgainAndAgain) {
  with(2);
  arrive(1, a);
  arrive(2, b);
  arrive(3, b);
  arrive(4, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 1", "3 done", "4 done 1"));
}

TEST_F(Barrier, OfOneLetsEachGo) {
  with(1);
  arrive(1, a);
  arrive(2, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done"));
}

TEST_F(Barrier, TellsHowManyWait) {
  size(1);
  arrive(2, a);
  arrive(3, b);
  size(4);
  arrive(5, c);
  size(6);
  EXPECT_THAT(heard(),
              ElementsAre("1 done", "4 done 2", "2 done", "3 done 1", "5 done 2", "6 done"));
}

TEST_F(Barrier, AtOnceOnlyTheLastArrivesAndNobodyBreaksIt) {
  with(2);
  ask(1, verb::arrive, a, {.at_once = true});
  arrive(2, a);
  ask(3, verb::arrive, b, {.at_once = true});
  EXPECT_THAT(heard(), ElementsAre("1 would_block", "2 done", "3 done 1"));
}

TEST_F(Barrier, BreaksWhenOneNoLongerWaits) {
  arrive(1, a);
  arrive(2, b);
  withdraw(1);
  arrive(3, c);
  ask(4, verb::arrive, d, {.at_once = true});
  EXPECT_THAT(heard(), ElementsAre("1 timed_out", "2 broken", "3 broken", "4 broken"));
}

TEST_F(Barrier, WhatHasBeenAnsweredCannotBreakIt) {
  with(2);
  arrive(1, a);
  arrive(2, b);
  withdraw(1);
  arrive(3, a);
  arrive(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 1", "3 done", "4 done 1"));
}

TEST_F(Barrier, BreaksWhenOneThatWaitsEnds) {
  arrive(1, c);
  arrive(2, a);
  gone({7, 0});
  arrive(3, b);
  size(4);
  EXPECT_THAT(heard(), ElementsAre("2 broken", "3 broken", "4 done"));
}

TEST_F(Barrier, DoesNotBreakWhenAnotherEnds) {
  arrive(1, c);
  arrive(2, a);
  gone(d);
  arrive(3, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done 1", "3 done 2"));
}

TEST_F(Barrier, BreaksWhenToldTo) {
  arrive(1, a);
  ask(2, verb::abort, b);
  ask(3, verb::abort, b);
  arrive(4, c);
  EXPECT_THAT(heard(), ElementsAre("2 done", "1 broken", "3 done", "4 broken"));
}

TEST_F(Barrier, IsWholeAgainAfterAReset) {
  with(2);
  ask(1, verb::abort, a);
  ask(2, verb::reset, a);
  arrive(3, a);
  arrive(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 done 1"));
}

TEST_F(Barrier, AResetSendsAwayThoseWhoWait) {
  with(2);
  arrive(1, a);
  ask(2, verb::reset, b);
  arrive(3, a);
  arrive(4, b);
  EXPECT_THAT(heard(), ElementsAre("2 done", "1 broken", "3 done", "4 done 1"));
}

TEST_F(Barrier, TheOwnersEndEndsAll) {
  arrive(1, a);
  end();
  arrive(2, b);
  size(3);
  ask(4, verb::abort, a);
  ask(5, verb::reset, a);
  EXPECT_THAT(heard(), ElementsAre("1 closed", "2 closed", "3 closed", "4 closed", "5 closed"));
}

TEST_F(Barrier, KnowsItsOwnVerbsOnly) {
  ask(1, verb::await, a);
  EXPECT_THAT(heard(), ElementsAre("1 not_known"));
}

}  // namespace
}  // namespace troupe::detail
