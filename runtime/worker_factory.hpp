// Where workers of a pool are made: one function for each placement.
#pragma once

#include "runtime/pool_core.hpp"

namespace troupe::detail {

/// For pools of threads and of processes.
std::shared_ptr<worker_factory> make_factory(std::shared_ptr<pool_core> pool);

std::shared_ptr<worker> start_thread_worker(worker_spec spec, std::shared_ptr<pool_core> pool);
std::shared_ptr<worker> start_process_worker(worker_spec spec, std::shared_ptr<pool_core> pool);

int current_process_id() noexcept;
int parent_process_id() noexcept;

}  // namespace troupe::detail
