// Tasks that end without a result, and pools that end.
#include "tests/actors/pool_by_hand.hpp"

namespace troupe::detail {
namespace {

class PoolStateEnds : public pool_by_hand {};

TEST_F(PoolStateEnds, ADeathCostsTheTaskInHandAndNoOther) {
  make({.seats = 1});
  const auto first = submit(make_job()), second = submit(make_job());
  begin(0);
  die(0, death());
  EXPECT_TRUE(holds<worker_lost>(first->error));
  EXPECT_FALSE(over(second));
  arrive(0);
  EXPECT_EQ(boxes[0]->front().what, second);
}

TEST_F(PoolStateEnds, AnIdleWorkersDeathCostsNothing) {
  make({.seats = 1});
  die(0, death());
  EXPECT_TRUE(fx.completed.empty());
  EXPECT_EQ(state->counts().lost, 0U);
}

TEST_F(PoolStateEnds, ATaskThatWasNotStartedIsRunByAnother) {
  make({.seats = 1});
  const auto j = submit(make_job());
  die(0, death());
  EXPECT_FALSE(over(j));
  arrive(0);
  run(0);
  EXPECT_TRUE(over(j));
  EXPECT_FALSE(j->error);
}

TEST_F(PoolStateEnds, AFinishedTaskWhoseResultIsMissingIsUnknown) {
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

TEST_F(PoolStateEnds, WhatADeadWorkerHadFinishedIsRecovered) {
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

TEST_F(PoolStateEnds, RetriesEndAfterAsManyAsAllowed) {
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

TEST_F(PoolStateEnds, ACallsOwnRetriesGoBeforeThePools) {
  make({.seats = 1, .on_loss = loss_rule::retry_task, .max_retries = 5});
  auto j = make_job();
  j->retries = 0;
  submit(j);
  begin(0);
  die(0, death());
  EXPECT_TRUE(holds<worker_lost>(j->error));
}

TEST_F(PoolStateEnds, OutOfMemoryIsALossAndABadAlloc) {
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

TEST_F(PoolStateEnds, BreakPoolAsksForTheEnd) {
  make({.seats = 2, .on_loss = loss_rule::break_pool});
  die(1, death());
  EXPECT_TRUE(fx.broken);
}

TEST_F(PoolStateEnds, AWaitingTaskCanBeCancelled) {
  make({.seats = 1, .prefetch = false});
  submit(make_job());
  const auto j = submit(make_job());
  EXPECT_TRUE(state->cancel(*j, false, fx));
  EXPECT_TRUE(holds<cancelled_error>(j->error));
  EXPECT_TRUE(j->was_cancelled);
  run(0);
  EXPECT_TRUE(boxes[0]->empty());
}

TEST_F(PoolStateEnds, ATaskGivenAheadCanBeCancelledUntilItStarts) {
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

TEST_F(PoolStateEnds, ARunningTaskIsOnlyCancelledByKilling) {
  make({.seats = 1});
  const auto j = submit(make_job());
  begin(0);
  EXPECT_EQ(state->phase_of(*j), job_phase::running);
  EXPECT_FALSE(state->cancel(*j, false, fx));
  EXPECT_TRUE(state->cancel(*j, true, fx));
  EXPECT_EQ(fx.kill.size(), 1U);
  EXPECT_TRUE(holds<cancelled_error>(j->error));
}

TEST_F(PoolStateEnds, ALateResultOfADoomedTaskIsDropped) {
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

TEST_F(PoolStateEnds, ADeadlineOfAnEarlierTaskMeansNothing) {
  make({.seats = 1});
  const auto j = submit(make_job());
  const auto id = boxes[0]->front().id;
  run(0);
  submit(make_job());
  EXPECT_FALSE(state->deadline(0, workers, id, fx));
  EXPECT_FALSE(j->error);
}

TEST_F(PoolStateEnds, TheFirstErrorCancelsWhatComesAfterItAndNotBefore) {
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

TEST_F(PoolStateEnds, WhatComesAfterTheEndEndsAtOnce) {
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

TEST_F(PoolStateEnds, AClosedPoolIsDrainedWhenTheLastTaskEnds) {
  make({.seats = 1});
  submit(make_job());
  state->close(fx);
  EXPECT_FALSE(fx.drained);
  run(0);
  EXPECT_TRUE(fx.drained);
}

TEST_F(PoolStateEnds, NothingBeginsAfterTheEndOfAll) {
  for (const bool broken : {false, true}) {
    make({.seats = 1});
    const auto many = make_job(8);
    many->item_ns = 1;
    submit(many);
    submit(make_job());
    ASSERT_TRUE(begin(0));
    ASSERT_GT(boxes[0]->slices.size(), 1U);
    if (broken) state->break_pool(std::make_exception_ptr(pool_broken{"broken"}), fx);
    else state->terminate(fx);
    for (auto& [id, s] : boxes[0]->slices) EXPECT_FALSE(s.second->start_next()) << id;
    EXPECT_TRUE(run(0)) << "what it had begun may still be answered";
    fx.completed.clear();
  }
}

TEST_F(PoolStateEnds, TerminateEndsEverythingAsCancelled) {
  make({.seats = 1, .prefetch = false});
  const auto running = submit(make_job()), waiting = submit(make_job());
  begin(0);
  state->terminate(fx);
  EXPECT_TRUE(holds<cancelled_error>(running->error));
  EXPECT_TRUE(holds<cancelled_error>(waiting->error));
  EXPECT_TRUE(state->idle());
}

TEST_F(PoolStateEnds, ABrokenPoolEndsEverythingWithItsReason) {
  make({.seats = 1});
  const auto j = submit(make_job());
  state->break_pool(std::make_exception_ptr(pool_broken{"x"}), fx);
  EXPECT_TRUE(holds<pool_broken>(j->error));
  EXPECT_FALSE(state->open());
}

TEST_F(PoolStateEnds, ASeatBeyondTheNewSizeFinishesWhatItRuns) {
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

}  // namespace
}  // namespace troupe::detail
