// Which worker gets what, and when.
#include "tests/actors/pool_by_hand.hpp"

namespace troupe::detail {
namespace {

class PoolState : public pool_by_hand {};

TEST_F(PoolState, AnIdleWorkerGetsATaskAtOnce) {
  make({.seats = 2});
  submit(make_job());
  EXPECT_EQ(boxes[0]->pushes + boxes[1]->pushes, 1U);
}

TEST_F(PoolState, ATaskWaitsWhileAllAreBusyAndGoesToTheFirstThatIsFree) {
  make({.seats = 1, .prefetch = false});
  submit(make_job());
  const auto second = submit(make_job());
  EXPECT_EQ(boxes[0]->pushes, 1U);
  run(0);
  EXPECT_EQ(boxes[0]->front().what, second);
}

TEST_F(PoolState, QuickTasksAreGivenAheadAndSlowOnesAreNot) {
  make({.seats = 1});
  for (int i = 0; i < 200; ++i) submit(make_job());
  run(0, 500);
  EXPECT_GT(boxes[0]->slices.size(), 30U);
  make({.seats = 1});
  for (int i = 0; i < 200; ++i) submit(make_job());
  for (int i = 0; i < 3; ++i) run(0, 10'000'000);
  EXPECT_EQ(boxes[0]->slices.size(), 2U);
}

TEST_F(PoolState, EveryTaskIsCompletedOnce) {
  make({.seats = 3});
  std::vector<job_ptr> jobs;
  for (int i = 0; i < 100; ++i) jobs.push_back(submit(make_job()));
  for (bool any = true; any;) {
    any = false;
    for (std::size_t s = 0; s < 3; ++s)
      if (!boxes[s]->empty()) any = run(s);
  }
  EXPECT_EQ(fx.completed.size(), 100U);
  for (const auto& j : jobs) EXPECT_TRUE(over(j));
}

TEST_F(PoolState, AWorkerWithNothingToDoTakesFromOneThatHasMore) {
  make({.seats = 1});
  for (int i = 0; i < 40; ++i) submit(make_job());
  run(0, 500);
  ASSERT_EQ(boxes[0]->slices.size(), 39U);
  begin(0);
  state->resize(2, fx);
  arrive(1);
  while (!boxes[1]->empty()) run(1, 500);
  run(0, 500);
  EXPECT_GT(state->seats()[1].tasks, 30U);
}

TEST_F(PoolState, PartOfALongSliceIsTakenByAnIdleWorker) {
  make({.seats = 2});
  auto j = make_job(1000);
  j->item_ns = 1;
  submit(j);
  while (!boxes[1]->empty()) {
    begin(0);
    run(1);
    if (boxes[1]->empty()) break;
    if (boxes[0]->front().count - boxes[0]->cursor().started() < 2) break;
  }
  EXPECT_GT(boxes[1]->pushes, 2U);
}

TEST_F(PoolState, EachIdleWorkerGetsOneItemBeforeAnyGetsTwo) {
  make({.seats = 4});
  submit(make_job(4));
  for (const auto& box : boxes) EXPECT_EQ(box->pushes, 1U);
  make({.seats = 4});
  submit(make_job(6));
  std::size_t all = 0;
  for (const auto& box : boxes) {
    EXPECT_GE(box->pushes, 1U);
    EXPECT_LE(box->pushes, 2U);
    all += box->pushes;
  }
  EXPECT_EQ(all, 6U) << "then some are given one ahead";
}

TEST_F(PoolState, NothingIsGivenAheadWhileAWorkerIsIdle) {
  make({.seats = 2});
  const auto keyed = make_job();
  keyed->key = 2;  // seat 0
  submit(keyed);
  submit(make_job());
  EXPECT_EQ(boxes[1]->pushes, 1U);
  EXPECT_EQ(boxes[0]->pushes, 1U);
}

TEST_F(PoolState, WorkersThatComeLaterGetWhatOthersHaveNotBegun) {
  for (const std::size_t first : {0, 1, 2, 3}) {
    state = std::make_unique<pool_state>(pool_rules{.seats = 4});
    boxes.assign(4, nullptr);
    arrive(first);
    const auto j = submit(make_job(4));
    for (std::size_t seat = 0; seat < 4; ++seat) {
      if (seat != first) arrive(seat);
      for (const auto& box : boxes)
        if (box && !box->empty()) box->cursor().start_next();
    }
    for (const auto& s : state->seats()) EXPECT_EQ(s.open, 1U);
  }
}

TEST_F(PoolState, TheSecondOfTwoItemsIsTakenFromAWorkerThatHasBegunTheFirst) {
  make({.seats = 1});
  const auto j = make_job(2);
  j->item_ns = 1;
  submit(j);
  ASSERT_EQ(boxes[0]->front().count, 2U);
  begin(0);
  state->resize(2, fx);
  arrive(1);
  ASSERT_FALSE(boxes[1]->empty());
  EXPECT_EQ(boxes[1]->front().first, 1U);
}

TEST_F(PoolState, AnIdleWorkerLooksBeyondOneThatHasBegunAllItHas) {
  make({.seats = 1});
  const auto j = make_job(2);
  j->item_ns = 1;
  submit(j);
  while (begin(0)) {
  }
  state->resize(2, fx);
  arrive(1);
  EXPECT_TRUE(boxes[1]->empty());
  submit(make_job(2));
  begin(1);
  state->resize(3, fx);
  arrive(2);
  EXPECT_EQ(state->seats()[0].open, 2U);
  EXPECT_EQ(state->seats()[1].open, 1U);
  EXPECT_EQ(state->seats()[2].open, 1U);
}

TEST_F(PoolState, WhatIsGivenAheadToAWorkerThatHangsIsTakenBack) {
  make({.seats = 2});
  for (int i = 0; i < 400; ++i) submit(make_job());
  run(0, 500);
  run(1, 500);
  begin(0);  // and never ends
  const auto stuck = boxes[0]->slices.size();
  ASSERT_GT(stuck, 2U);
  for (int i = 0; i < 300 && !boxes[1]->empty(); ++i) run(1, 50'000);
  std::size_t open = 0;
  for (auto& [id, s] : boxes[0]->slices) open += s.second->limit() != 0 ? 1 : 0;
  EXPECT_EQ(open, 1U);
}

TEST_F(PoolState, WhatIsNotBegunForLongIsGivenToAnother) {
  make({.seats = 2});
  const auto j = submit(make_job());
  const std::size_t stopped = boxes[0]->empty() ? 1 : 0;
  EXPECT_TRUE(state->look_after(now, fx));
  EXPECT_TRUE(boxes[1 - stopped]->empty());
  EXPECT_TRUE(state->look_after(now + pool_state::overdue_ns, fx));
  ASSERT_FALSE(boxes[1 - stopped]->empty());
  run(1 - stopped);
  EXPECT_TRUE(over(j));
  EXPECT_TRUE(run(stopped)) << "when it goes on, it finds nothing to do";
  EXPECT_FALSE(state->look_after(now, fx));
}

TEST_F(PoolState, AWorkerIsRetiredWhenItHasDoneItsShare) {
  make({.seats = 1, .max_tasks_per_worker = 2});
  for (int i = 0; i < 5; ++i) submit(make_job());
  run(0);
  EXPECT_TRUE(fx.retire.empty());
  run(0);
  EXPECT_EQ(fx.retire.size(), 1U);
  EXPECT_TRUE(boxes[0]->empty());
  auto e = death();
  e.expected = true;
  die(0, std::move(e));
  arrive(0);
  EXPECT_EQ(boxes[0]->slices.size(), 2U);
}

TEST_F(PoolState, TasksOfOneKeyStayWithOneWorkerInOrder) {
  make({.seats = 4});
  std::vector<job_ptr> jobs;
  for (int i = 0; i < 20; ++i) {
    auto j = make_job();
    j->key = 7;
    jobs.push_back(submit(j));
  }
  std::size_t next = 0;
  while (!boxes[3]->empty()) {
    EXPECT_EQ(boxes[3]->front().what, jobs[next++]);
    run(3);
  }
  EXPECT_EQ(next, 20U);
}

TEST_F(PoolState, AttendsToSubmitsWhileSomebodyIsIdleOrItIsOver) {
  make({.seats = 1});
  EXPECT_TRUE(state->attentive());
  submit(make_job());
  EXPECT_FALSE(state->attentive());
  run(0);
  EXPECT_TRUE(state->attentive());
  submit(make_job());
  state->close(fx);
  EXPECT_TRUE(state->attentive());
}

TEST_F(PoolState, AnswersThatCannotBeAreRefused) {
  make({.seats = 1});
  EXPECT_FALSE(state->result(0, answer{.id = 1, .items = 1}, buffer{}, fx));
  submit(make_job());
  const auto id = boxes[0]->front().id;
  EXPECT_FALSE(state->result(0, answer{.id = id + 1, .items = 1}, buffer{}, fx));
  EXPECT_FALSE(state->result(0, answer{.id = id, .items = 2}, buffer{}, fx));
  EXPECT_FALSE(state->result(0, answer{.id = id, .items = 0}, buffer{}, fx));
  EXPECT_TRUE(state->result(0, answer{.id = id, .items = 1}, buffer{}, fx));
  EXPECT_FALSE(state->result(0, answer{.id = id, .items = 1}, buffer{}, fx));
}

TEST_F(PoolState, TheQueueIsFullAtItsLimitAndHasRoomAgain) {
  make({.seats = 1, .max_pending = 2});
  submit(make_job());
  EXPECT_FALSE(state->full());
  submit(make_job());
  EXPECT_TRUE(state->full());
  run(0);
  EXPECT_FALSE(state->full());
  EXPECT_TRUE(fx.space);
}

}  // namespace
}  // namespace troupe::detail
