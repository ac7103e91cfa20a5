#include "actors/event_state.hpp"

#include "tests/actors/asked_by_hand.hpp"

#include <gmock/gmock.h>

namespace troupe::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Event : public asked_by_hand {
 protected:
  Event() { make<event_state>(); }
  void set(std::uint64_t id, party who = a) { ask(id, verb::set, who); }
  void clear(std::uint64_t id) { ask(id, verb::clear, a); }
  void is_set(std::uint64_t id) { ask(id, verb::is_set, a); }
  void await(std::uint64_t id, party who) { ask(id, verb::await, who); }
};

TEST_F(Event, IsClearUntilItIsSetAndAgainOnceItIsCleared) {
  is_set(1);
  clear(2);
  set(3);
  is_set(4);
  set(5);
  is_set(6);
  clear(7);
  is_set(8);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done", "3 done", "4 done 1", "5 done", "6 done 1",
                                   "7 done", "8 done"));
}

TEST_F(Event, SettingItEndsTheWaitOfAll) {
  await(1, a);
  await(2, c);
  EXPECT_THAT(heard(), IsEmpty());
  set(3, b);
  await(4, d);
  EXPECT_THAT(heard(), ElementsAre("3 done", "1 done", "2 done", "4 done"));
}

TEST_F(Event, OnceItIsClearedTheNextWait) {
  set(1);
  clear(2);
  await(3, b);
  EXPECT_THAT(heard(), ElementsAre("1 done", "2 done"));
  set(4);
  EXPECT_THAT(heard(), ElementsAre("4 done", "3 done"));
}

TEST_F(Event, AskedForAtOnceIsNotWaitedFor) {
  ask(1, verb::await, a, {.at_once = true});
  set(2);
  ask(3, verb::await, a, {.at_once = true});
  EXPECT_THAT(heard(), ElementsAre("1 would_block", "2 done", "3 done"));
}

TEST_F(Event, AWithdrawnRequestWaitsNoMore) {
  await(1, a);
  await(2, b);
  withdraw(1);
  withdraw(1);
  set(3);
  withdraw(2);
  EXPECT_THAT(heard(), ElementsAre("1 timed_out", "3 done", "2 done"));
}

TEST_F(Event, WhoEndsWaitsNoMoreAndWhatItSetStaysSet) {
  await(1, c);
  await(2, d);
  await(3, a);
  gone(d);
  set(4, c);
  EXPECT_THAT(heard(), ElementsAre("4 done", "1 done", "3 done"));
  gone({7, 0});
  is_set(5);
  EXPECT_THAT(heard(), ElementsAre("5 done 1"));
}

TEST_F(Event, TheOwnersEndEndsAll) {
  await(1, a);
  end();
  set(2);
  clear(3);
  is_set(4);
  await(5, b);
  EXPECT_THAT(heard(), ElementsAre("1 closed", "2 closed", "3 closed", "4 closed", "5 closed"));
}

TEST_F(Event, KnowsItsOwnVerbsOnly) {
  ask(1, verb::wait, a);
  EXPECT_THAT(heard(), ElementsAre("1 not_known"));
}

}  // namespace
}  // namespace troupe::detail
