#include "tests/actors/fake_worker.hpp"

#include <gtest/gtest.h>

namespace troupe::detail {
namespace {

// A pool of fake workers that are driven by hand.
class PoolState : public ::testing::Test {
 protected:
  void make(pool_rules rules) {
    state = std::make_unique<pool_state>(rules);
    boxes.clear();
    for (std::size_t i = 0; i < rules.seats; ++i) arrive(i);
  }
  void arrive(std::size_t seat) {
    if (boxes.size() <= seat) boxes.resize(seat + 1);
    boxes[seat] = std::make_shared<fake_box>();
    ++workers;
    state->ready(seat, workers, "w-" + std::to_string(workers), 100 + static_cast<int>(workers),
                 boxes[seat], fx);
  }
  job_ptr submit(job_ptr j) {
    state->submit(j, fx);
    return j;
  }
  // Starts the next item of the oldest slice.
  bool begin(std::size_t seat) { return boxes[seat]->cursor().start_next(); }
  // Runs the oldest slice to its end and answers.
  bool run(std::size_t seat, std::int64_t ran = 1000, std::uint32_t first_error = batch::no_error) {
    auto& box = *boxes[seat];
    while (box.cursor().start_next()) {
    }
    answer a{.id = box.front().id, .items = box.cursor().started(), .ran = ran, .now = now += ran};
    if (first_error != batch::no_error) {
      a.first_error = first_error;
      a.errors = 1;
    }
    box.pop();
    return state->result(seat, a, buffer{}, fx);
  }
  end_of_worker death() {
    end_of_worker e;
    e.facts.worker = "w";
    e.facts.status.signal = 9;
    return e;
  }
  void die(std::size_t seat, end_of_worker e) {
    state->ended(seat, state->seats()[seat].worker, std::move(e), fx);
  }
  template <class E>
  static bool holds(const std::exception_ptr& p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const E&) {
      return true;
    } catch (...) {
    }
    return false;
  }
  bool over(const job_ptr& j) const { return j->unsettled == 0; }

  std::unique_ptr<pool_state> state;
  std::vector<std::shared_ptr<fake_box>> boxes;
  effects fx;
  std::uint64_t workers = 0;
  std::int64_t now = 1;
};

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

TEST_F(PoolState, ADeathCostsTheTaskInHandAndNoOther) {
  make({.seats = 1});
  const auto first = submit(make_job()), second = submit(make_job());
  begin(0);
  die(0, death());
  EXPECT_TRUE(holds<worker_lost>(first->error));
  EXPECT_FALSE(over(second));
  arrive(0);
  EXPECT_EQ(boxes[0]->front().what, second);
}

TEST_F(PoolState, AnIdleWorkersDeathCostsNothing) {
  make({.seats = 1});
  die(0, death());
  EXPECT_TRUE(fx.completed.empty());
  EXPECT_EQ(state->counts().lost, 0U);
}

TEST_F(PoolState, ATaskThatWasNotStartedIsRunByAnother) {
  make({.seats = 1});
  const auto j = submit(make_job());
  die(0, death());
  EXPECT_FALSE(over(j));
  arrive(0);
  run(0);
  EXPECT_TRUE(over(j));
  EXPECT_FALSE(j->error);
}

TEST_F(PoolState, AFinishedTaskWhoseResultIsMissingIsUnknown) {
  make({.seats = 1});
  const auto j = submit(make_job());
  begin(0);
  boxes[0]->cursor().committed = std::uint64_t{1} << 40;
  die(0, death());
  try {
    std::rethrow_exception(j->error);
  } catch (const worker_lost& e) {
    EXPECT_EQ(e.phase(), phase::result_unknown);
  }
}

TEST_F(PoolState, WhatADeadWorkerHadFinishedIsRecovered) {
  make({.seats = 1});
  auto j = make_job(10);
  j->item_ns = 1;
  submit(j);
  auto& c = boxes[0]->cursor();
  const auto n = boxes[0]->front().count;
  ASSERT_GE(n, 4U);
  for (int i = 0; i < 3; ++i) c.start_next();
  auto e = death();
  e.recovered_items = 2;
  die(0, std::move(e));
  EXPECT_EQ(j->receipt.worker, "w");
  EXPECT_EQ(j->unsettled, 7U);
  EXPECT_EQ(state->counts().lost, 1U);
  arrive(0);
  while (!boxes[0]->empty()) run(0);
  EXPECT_TRUE(over(j));
  EXPECT_EQ(state->counts().done, 9U);
}

TEST_F(PoolState, RetriesEndAfterAsManyAsAllowed) {
  make({.seats = 1, .on_loss = loss_rule::retry_task, .max_retries = 2});
  const auto j = submit(make_job());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(over(j));
    begin(0);
    die(0, death());
    arrive(0);
  }
  EXPECT_TRUE(holds<worker_lost>(j->error));
}

TEST_F(PoolState, ACallsOwnRetriesGoBeforeThePools) {
  make({.seats = 1, .on_loss = loss_rule::retry_task, .max_retries = 5});
  auto j = make_job();
  j->retries = 0;
  submit(j);
  begin(0);
  die(0, death());
  EXPECT_TRUE(holds<worker_lost>(j->error));
}

TEST_F(PoolState, OutOfMemoryIsALossAndABadAlloc) {
  make({.seats = 1});
  const auto j = submit(make_job());
  begin(0);
  auto e = death();
  e.out_of_memory = true;
  die(0, std::move(e));
  EXPECT_TRUE(holds<worker_lost>(j->error));
  EXPECT_TRUE(holds<std::bad_alloc>(j->error));
  EXPECT_TRUE(holds<std::exception>(j->error));
}

TEST_F(PoolState, BreakPoolAsksForTheEnd) {
  make({.seats = 2, .on_loss = loss_rule::break_pool});
  die(1, death());
  EXPECT_TRUE(fx.broken);
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

TEST_F(PoolState, AWaitingTaskCanBeCancelled) {
  make({.seats = 1, .prefetch = false});
  submit(make_job());
  const auto j = submit(make_job());
  EXPECT_TRUE(state->cancel(*j, false, fx));
  EXPECT_TRUE(holds<cancelled_error>(j->error));
  EXPECT_TRUE(j->was_cancelled);
  run(0);
  EXPECT_TRUE(boxes[0]->empty());
}

TEST_F(PoolState, ATaskGivenAheadCanBeCancelledUntilItStarts) {
  make({.seats = 1});
  for (int i = 0; i < 2; ++i) submit(make_job());
  const auto j = submit(make_job());
  run(0);
  ASSERT_EQ(boxes[0]->slices.size(), 2U);
  EXPECT_TRUE(state->cancel(*j, false, fx));
  run(0);
  EXPECT_TRUE(run(0));  // the worker answers with nothing
  EXPECT_TRUE(state->idle());
}

TEST_F(PoolState, ARunningTaskIsOnlyCancelledByKilling) {
  make({.seats = 1});
  const auto j = submit(make_job());
  begin(0);
  EXPECT_EQ(state->phase_of(*j), job_phase::running);
  EXPECT_FALSE(state->cancel(*j, false, fx));
  EXPECT_TRUE(state->cancel(*j, true, fx));
  EXPECT_EQ(fx.kill.size(), 1U);
  EXPECT_TRUE(holds<cancelled_error>(j->error));
}

TEST_F(PoolState, ALateResultOfADoomedTaskIsDropped) {
  make({.seats = 1});
  auto j = make_job();
  j->deadline = std::chrono::seconds{1};
  submit(j);
  begin(0);
  EXPECT_TRUE(state->deadline(0, workers, boxes[0]->front().id, fx));
  EXPECT_TRUE(holds<timeout_error>(j->error));
  run(0);
  EXPECT_TRUE(holds<timeout_error>(j->error));
  EXPECT_EQ(fx.completed.size(), 1U);
}

TEST_F(PoolState, ADeadlineOfAnEarlierTaskMeansNothing) {
  make({.seats = 1});
  const auto j = submit(make_job());
  const auto id = boxes[0]->front().id;
  run(0);
  submit(make_job());
  EXPECT_FALSE(state->deadline(0, workers, id, fx));
  EXPECT_FALSE(j->error);
}

TEST_F(PoolState, TheFirstErrorCancelsWhatComesAfterItAndNotBefore) {
  make({.seats = 2, .prefetch = false});
  auto j = make_job(100);
  j->stop_at_error = true;
  submit(j);
  ASSERT_EQ(boxes[1]->front().first, 0U + (boxes[0]->front().first == 0 ? 1 : 0));
  const std::size_t later = boxes[0]->front().first == 0 ? 1 : 0;
  run(later, 1000, 0);
  EXPECT_EQ(j->lowest_error, 1U);
  EXPECT_FALSE(over(j));
  run(1 - later);
  EXPECT_TRUE(over(j));
  EXPECT_EQ(state->counts().cancelled, 98U);
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

TEST_F(PoolState, WhatComesAfterTheEndEndsAtOnce) {
  make({.seats = 1});
  state->close(fx);
  const auto late = submit(make_job());
  EXPECT_EQ(late->unsettled, 0u);
  EXPECT_TRUE(holds<closed_error>(late->error));
  EXPECT_TRUE(boxes[0]->empty());
  make({.seats = 1});
  state->break_pool(std::make_exception_ptr(pool_broken{"broken"}), fx);
  EXPECT_TRUE(holds<pool_broken>(submit(make_job())->error));
  EXPECT_TRUE(state->idle());
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

TEST_F(PoolState, AClosedPoolIsDrainedWhenTheLastTaskEnds) {
  make({.seats = 1});
  submit(make_job());
  state->close(fx);
  EXPECT_FALSE(fx.drained);
  run(0);
  EXPECT_TRUE(fx.drained);
}

TEST_F(PoolState, TerminateEndsEverythingAsCancelled) {
  make({.seats = 1, .prefetch = false});
  const auto running = submit(make_job()), waiting = submit(make_job());
  begin(0);
  state->terminate(fx);
  EXPECT_TRUE(holds<cancelled_error>(running->error));
  EXPECT_TRUE(holds<cancelled_error>(waiting->error));
  EXPECT_TRUE(state->idle());
}

TEST_F(PoolState, ABrokenPoolEndsEverythingWithItsReason) {
  make({.seats = 1});
  const auto j = submit(make_job());
  state->break_pool(std::make_exception_ptr(pool_broken{"x"}), fx);
  EXPECT_TRUE(holds<pool_broken>(j->error));
  EXPECT_FALSE(state->open());
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

TEST_F(PoolState, ASeatBeyondTheNewSizeFinishesWhatItRuns) {
  make({.seats = 2, .prefetch = false});
  submit(make_job());
  submit(make_job());
  begin(0);
  begin(1);
  state->resize(1, fx);
  EXPECT_TRUE(fx.retire.empty());
  run(1);
  EXPECT_EQ(fx.retire.size(), 1U);
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
