// How many deaths of workers a pool bears.
#pragma once

#include <troupe/detail/job.hpp>

namespace troupe {

/// More than `max` worker deaths within `period`, and the pool gives up with pool_broken.
/// Workers that Troupe ends itself (deadline, cancel, max_tasks_per_worker) do not count.
struct restart_limit {
  int max = 10;
  duration period = std::chrono::seconds{5};
};

}  // namespace troupe
