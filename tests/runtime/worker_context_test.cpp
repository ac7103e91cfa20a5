#include "runtime/worker_context.hpp"

#include <troupe/detail/wait.hpp>

#include "tests/actors/fake_worker.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace troupe::detail {
namespace {

struct one_worker {
  worker_context context;
  fake_owner pool;
  one_worker() { context.pool = &pool; }
  job_ptr job() { return job_ptr::adopt(new detail::job{&pool}); }
};

TEST(WaitGraph, AWorkerThatWaitsForItselfWouldDeadlock) {
  one_worker w;
  const worker_scope scope{w.context};
  const auto mine = w.job();
  slice_cursor c;
  const running_job running{w.context, *mine, c};
  EXPECT_THROW((waiting_for{w.context, *mine}), would_deadlock);
}

TEST(WaitGraph, AWorkerThatWaitsForWhatOnlyItCouldRunWouldDeadlock) {
  one_worker w;
  const worker_scope scope{w.context};
  const auto queued = w.job();
  EXPECT_THROW((waiting_for{w.context, *queued}), would_deadlock);
}

TEST(WaitGraph, WaitingForAnotherPoolsTaskIsFine) {
  one_worker w, other;
  const worker_scope scope{w.context}, there{other.context};
  const auto queued = other.job();
  EXPECT_NO_THROW((waiting_for{w.context, *queued}));
}

TEST(WaitGraph, ACircleOverTwoPoolsIsFoundByTheOneWhoWouldCloseIt) {
  one_worker a, b;
  const auto in_a = a.job(), in_b = b.job();
  std::promise<void> b_waits, over;
  std::thread thread_b{[&] {
    const worker_scope scope{b.context};
    slice_cursor c;
    const running_job running{b.context, *in_b, c};
    const waiting_for entry{b.context, *in_a};
    b_waits.set_value();
    over.get_future().get();
  }};
  {
    const worker_scope scope{a.context};
    slice_cursor c;
    const running_job running{a.context, *in_a, c};
    b_waits.get_future().get();
    EXPECT_THROW((waiting_for{a.context, *in_b}), would_deadlock);
  }
  over.set_value();
  thread_b.join();
}

TEST(WaitGraph, AFinishedTaskStopsNobody) {
  one_worker w;
  const worker_scope scope{w.context};
  const auto done = w.job();
  finish(*done);
  EXPECT_NO_THROW((waiting_for{w.context, *done}));
}

TEST(WorkerContext, AStopRequestIsOfOneTaskOnly) {
  worker_context c;
  const auto first = c.stop_token();
  c.request_stop();
  EXPECT_TRUE(first.stop_requested());
  c.next_task();
  EXPECT_FALSE(c.stop_token().stop_requested());
  c.stop_for_good();
  c.next_task();
  EXPECT_TRUE(c.stop_token().stop_requested());
}

}  // namespace
}  // namespace troupe::detail
