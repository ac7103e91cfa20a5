#include "actors/queue_state.hpp"

#include "tests/actors/asked_by_hand.hpp"

#include <gmock/gmock.h>

#include <string>

namespace troupe::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Queue : public asked_by_hand {
 protected:
  Queue() { with({}); }
  void with(queue_rules rules) { make<queue_state>(rules); }
  void put(std::uint64_t id, std::string x, party who = a) {
    ask(id, verb::put, who, {.payload = std::move(x)});
  }
  void get(std::uint64_t id, party who) { ask(id, verb::get, who); }
};

TEST_F(Queue, GivesInTheOrderOfPuts) {
  put(1, "x");
  put(2, "y");
  get(3, b);
  get(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done x", "4 done y"));
}

TEST_F(Queue, GettersThatWaitAreServedOldestFirst) {
  get(1, a);
  get(2, b);
  EXPECT_THAT(heard(), IsEmpty());
  put(3, "x");
  put(4, "y");
  EXPECT_THAT(heard(), ElementsAre("3 done", "1 done x", "4 done", "2 done y"));
}

TEST_F(Queue, AFullOneLetsPuttersWaitInTheirOrder) {
  with({.capacity = 1});
  put(1, "x");
  put(2, "y");
  put(3, "z");
  EXPECT_THAT(heard(), ElementsAre("1 done"));
  get(4, b);
  EXPECT_THAT(heard(), ElementsAre("4 done x", "2 done"));
  get(5, b);
  get(6, b);
  EXPECT_THAT(heard(), ElementsAre("5 done y", "3 done", "6 done z"));
}

TEST_F(Queue, WhatIsAskedAtOnceDoesNotWait) {
  with({.capacity = 1});
  ask(1, verb::get, a, {.at_once = true});
  ask(2, verb::peek, a, {.at_once = true});
  put(3, "x");
  ask(4, verb::put, a, {.payload = "y", .at_once = true});
  ask(5, verb::join, a, {.at_once = true});
  EXPECT_THAT(heard(), ElementsAre("1 would_block", "2 would_block", "3 done", "4 would_block",
                                   "5 would_block"));
}

TEST_F(Queue, AWithdrawnRequestTakesNothing) {
  get(1, a);
  withdraw(1);
  put(2, "x");
  withdraw(1);
  get(3, b);
  EXPECT_THAT(heard(), ElementsAre("1 timed_out", "2 done", "3 done x"));
}

TEST_F(Queue, AWithdrawnPutLeavesNothing) {
  with({.capacity = 1});
  put(1, "x");
  put(2, "y");
  withdraw(2);
  get(3, b);
  get(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 timed_out", "3 done x"));
}

TEST_F(Queue, PeekTellsThatThereIsSomethingAndTakesNothing) {
  ask(1, verb::peek, a);
  put(2, "x");
  ask(3, verb::peek, a);
  ask(4, verb::size, a);
  EXPECT_THAT(heard(), ElementsAre("2 done", "1 done", "3 done", "4 done 1"));
}

TEST_F(Queue, AClosedOneIsDrainedAndTakesNothing) {
  put(1, "x");
  ask(2, verb::close, a);
  ask(3, verb::close, a);
  put(4, "y");
  get(5, b);
  get(6, b);
  ask(7, verb::peek, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 closed", "5 done x",
                                   "6 closed", "7 closed"));
}

TEST_F(Queue, ClosingEndsAllThatWait) {
  with({.capacity = 1});
  get(1, a);
  ask(2, verb::peek, b);
  ask(3, verb::close, a);
  EXPECT_THAT(heard(), ElementsAre("1 closed", "2 closed", "3 done"));
  with({.capacity = 1});
  put(4, "x");
  put(5, "y");
  ask(6, verb::close, a);
  EXPECT_THAT(heard(), ElementsAre("4 done", "5 closed", "6 done"));
}

TEST_F(Queue, JoinWaitsForATaskDoneOfEachItem) {
  put(1, "x");
  put(2, "y");
  ask(3, verb::join, a);
  get(4, b);
  get(5, b);
  ask(6, verb::task_done, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "4 done x", "5 done y", "6 done"));
  ask(7, verb::task_done, b);
  EXPECT_THAT(heard(), ElementsAre("7 done", "3 done"));
  ask(8, verb::join, a);
  EXPECT_THAT(heard(), ElementsAre("8 done"));
}

TEST_F(Queue, OneTaskDoneTooManyIsMisuse) {
  ask(1, verb::task_done, a);
  put(2, "x");
  ask(3, verb::task_done, a);
  get(4, a);
  ask(5, verb::task_done, b);  // another thread finishes it
  ask(6, verb::task_done, a);
  EXPECT_THAT(heard(), ElementsAre("1 misused", "2 done", "3 misused", "4 done x", "5 done",
                                   "6 misused"));
}

TEST_F(Queue, WhoEndsIsForgotten) {
  get(1, c);
  get(2, d);
  get(3, b);
  gone({7, 0});
  put(4, "x");
  EXPECT_THAT(heard(), ElementsAre("4 done", "3 done x"));
}

TEST_F(Queue, OneThreadMayEndAndTheOthersOfItsProcessGoOn) {
  get(1, c);
  get(2, d);
  gone(c);
  put(3, "x");
  EXPECT_THAT(heard(), ElementsAre("3 done", "2 done x"));
}

TEST_F(Queue, WhatADeadConsumerHadInHandIsLostAndJoinDoesNotWaitForIt) {
  put(1, "x");
  put(2, "y");
  get(3, c);
  ask(4, verb::join, a);
  gone({7, 0});
  get(5, b);
  ask(6, verb::task_done, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done x", "5 done y", "6 done", "4 done"));
}

TEST_F(Queue, IfItRedeliversWhatADeadConsumerHadInHandComesFirst) {
  with({.redeliver = true});
  for (int i = 1; i < 4; ++i) put(static_cast<std::uint64_t>(i), std::string(1, static_cast<char>('w' + i)));
  get(4, c);
  get(5, c);
  ask(6, verb::task_done, c);
  heard();
  gone({7, 0});
  get(7, b);
  get(8, b);
  get(9, b);
  EXPECT_THAT(heard(), ElementsAre("7 done y", "8 done z"));
}

TEST_F(Queue, WhatComesBackGoesToThoseWhoWait) {
  with({.redeliver = true});
  put(1, "x");
  get(2, c);
  get(3, b);
  gone({7, 0});
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done x", "3 done x"));
}

TEST_F(Queue, IfItRedeliversOnlyWhoHasAnItemCanBeDoneWithIt) {
  with({.redeliver = true});
  put(1, "x");
  get(2, c);
  ask(3, verb::task_done, b);
  ask(4, verb::task_done, c);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done x", "3 misused", "4 done"));
}

TEST_F(Queue, AClosedOneThatRedeliversEndsOnceNothingCanComeBack) {
  with({.redeliver = true});
  put(1, "x");
  get(2, c);
  ask(3, verb::close, a);
  get(4, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done x", "3 done"));
  ask(5, verb::task_done, c);
  EXPECT_THAT(heard(), ElementsAre("5 done", "4 closed"));
}

TEST_F(Queue, ThoseWhoHaveNotDoneTheirItemsDoNotWaitForEachOther) {
  with({.redeliver = true});
  put(1, "x");
  put(2, "y");
  get(3, b);
  get(4, c);
  ask(5, verb::close, a);
  get(6, b);
  heard();
  get(7, c);
  EXPECT_THAT(heard(), ElementsAre("6 closed", "7 closed"));
}

TEST_F(Queue, WhatComesBackFromOneAfterTheOtherIsInItsOldOrder) {
  with({.redeliver = true});
  put(1, "x");
  put(2, "y");
  get(3, c);
  get(4, d);
  heard();
  gone(c);
  gone(d);
  get(5, b);
  get(6, b);
  EXPECT_THAT(heard(), ElementsAre("5 done x", "6 done y"));
}

TEST_F(Queue, AClosedOneThatRedeliversStillDoesNotWaitIfAskedAtOnce) {
  with({.redeliver = true});
  put(1, "x");
  get(2, c);
  ask(3, verb::close, a);
  ask(4, verb::get, b, {.at_once = true});
  ask(5, verb::get, c, {.at_once = true});  // its own item does not come back to it
  EXPECT_THAT(heard(),
              ElementsAre("1 done", "2 done x", "3 done", "4 would_block", "5 closed"));
}

TEST_F(Queue, ClosingEndsAPeekOfWhoHasNotDoneItsItem) {
  with({.redeliver = true});
  put(1, "x");
  get(2, c);
  ask(3, verb::peek, c);
  ask(4, verb::close, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done x", "3 closed", "4 done"));
}

TEST_F(Queue, TheOwnersEndEndsAll) {
  put(1, "x");
  ask(2, verb::join, a);
  end();
  put(3, "y");
  get(4, a);
  ask(5, verb::join, a);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 closed", "3 closed", "4 closed", "5 done"));
}

TEST_F(Queue, KnowsItsOwnVerbsOnly) {
  ask(1, verb::acquire, a);
  EXPECT_THAT(heard(), ElementsAre("1 not_known"));
}

}  // namespace
}  // namespace troupe::detail
