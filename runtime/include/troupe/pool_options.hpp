// What a pool can be told at its construction, and what it tells of itself.
#pragma once

#include <troupe/function.hpp>
#include <troupe/placement.hpp>
#include <troupe/restart_limit.hpp>

#include <string>
#include <vector>

namespace troupe {

/// What the loss of a worker means for the task it was running.
enum class loss_policy : std::uint8_t {
  fail_task,   ///< its future gets worker_lost; at most once is kept
  retry_task,  ///< it is run again, up to max_retries times
  break_pool,  ///< all futures get pool_broken, as in Python's ProcessPoolExecutor
};

struct pool_options {
  std::size_t workers = 0;                          ///< 0: cpu_count(); at most 4096
  placement where = placement::process;
  std::string name = {};                            ///< prefix of the workers' names; "": pool-N
  std::size_t max_pending = 0;                      ///< accepted, unfinished submits and maps
                                                    ///< before submit blocks; 0: no bound
  duration submit_timeout = duration::max();        ///< how long submit may block; then full_error
  std::size_t max_tasks_per_worker = 0;             ///< replace a worker after so many; 0: never
  std::size_t memory_limit = 0;                     ///< bytes of data per worker process, at
                                                    ///< least 8 MiB; 0: none; not for threads
  function<void()> initializer = {};                ///< runs in each worker before its first task
  loss_policy on_loss = loss_policy::fail_task;
  int max_retries = 0;                              ///< for retry_task: how often a task may take a
                                                    ///< worker down before it fails; 0: 3 times
  restart_limit restarts = {};
  duration grace = std::chrono::seconds{5};         ///< stopping: from asking to SIGTERM (thread:
                                                    ///< stop token), from that to SIGKILL (left behind)
};

/// One worker, as stats() tells it.
struct worker_stats {
  std::string name;
  int pid = 0;           ///< 0: not there (being replaced)
  std::string state;     ///< starting, idle, busy, stopping
  std::uint64_t tasks = 0;  ///< finished by this worker
};

struct pool_stats {
  std::vector<worker_stats> workers;
  std::uint64_t pending = 0;   ///< tasks accepted and not begun
  std::uint64_t running = 0;
  std::uint64_t done = 0;      ///< ended with a value
  std::uint64_t failed = 0;    ///< ended with an error of their own, a loss or a deadline
  std::uint64_t lost = 0;      ///< of these: with their worker
  std::uint64_t restarts = 0;  ///< workers that were replaced
  std::uint64_t bytes_in = 0;  ///< of arguments
  std::uint64_t bytes_out = 0; ///< of results
};

}  // namespace troupe
