// What a task can ask about the worker that runs it.
#pragma once

#include <troupe/placement.hpp>

#include <cstdint>
#include <stop_token>
#include <string>

/// Outside of a worker they speak of the process itself: name() is "", id() 0, where() inline_.
namespace troupe::this_worker {

std::string name();      ///< "pool-1-2"
std::uint64_t id();      ///< unique in its pool, also among workers that were replaced
int pid();               ///< of the process that the worker runs in
int parent_pid();        ///< of a worker process: its host
placement where();

/// In a thread: set when the task's deadline is over, or its pool is terminated; a task that takes
/// long looks at it now and then. A task in a process need not: it gets SIGTERM, or SIGKILL at its
/// deadline.
std::stop_token stop_token();
bool stop_requested();

/// How far the task is, 0 to 1: seen by the host at future::progress(). Costs a store.
void progress(double done);

}  // namespace troupe::this_worker
