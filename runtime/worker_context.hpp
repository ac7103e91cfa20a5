// Who the current thread is, if it is a worker: behind this_worker:: and the search for deadlocks.
#pragma once

#include <troupe/detail/job.hpp>
#include <troupe/placement.hpp>

#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace troupe::detail {

struct worker_context {
  std::string name;
  std::uint64_t id = 0;
  int pid = 0;
  int parent_pid = 0;
  placement where = placement::thread;
  job_owner* pool = nullptr;  ///< whose worker it is; null in a process of its own

  // Of the task in hand.
  slice_cursor* cursor = nullptr;

  /// Set when the task should end: deadline, pool stopping. Made anew after it was used.
  std::stop_token stop_token();
  void request_stop();
  void stop_for_good();  ///< of whatever it runs, now or later
  void next_task();

  /// The innermost last: a worker that waits may run another. Its own thread's, and everybody's
  /// to read under the mutex of all waits while waits_for is set.
  std::vector<job*> running;
  job* waits_for = nullptr;  ///< guarded by the mutex of all waits (worker_context.cpp)

 private:
  std::mutex mutex_;
  std::stop_source stop_;
  bool stop_used_ = false;
  bool for_good_ = false;
};

/// Null outside of workers.
extern thread_local worker_context* current_worker;

/// While it lives the current thread is this worker. Workers of pools in this process are entered
/// into the graph of waits.
class worker_scope {
 public:
  explicit worker_scope(worker_context& self);
  ~worker_scope();
  worker_scope(const worker_scope&) = delete;
  worker_scope& operator=(const worker_scope&) = delete;

 private:
  worker_context* before_;
};

/// While it lives the current worker runs this job.
class running_job {
 public:
  running_job(worker_context& self, job& j, slice_cursor& cursor);
  ~running_job();
  running_job(const running_job&) = delete;
  running_job& operator=(const running_job&) = delete;

 private:
  worker_context& self_;
  slice_cursor* outer_;
};

/// While it lives the worker waits for the job, without a timeout. The constructor throws
/// would_deadlock if that wait could never end: the job is run by somebody who waits, directly or
/// through others, for this worker; or it can only be run by such.
class waiting_for {
 public:
  waiting_for(worker_context& self, job& j);
  ~waiting_for();
  waiting_for(const waiting_for&) = delete;
  waiting_for& operator=(const waiting_for&) = delete;

 private:
  worker_context& self_;
};

}  // namespace troupe::detail
