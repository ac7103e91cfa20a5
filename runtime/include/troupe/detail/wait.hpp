#pragma once

#include <troupe/detail/job.hpp>

namespace troupe::detail {

/// Publishes the outcome: wakes waiters, runs the done nodes. Once; holding no lock.
void finish(job& j) noexcept;
/// Blocks until the job is done; false: not within the timeout (duration::max(): none). A worker
/// of the job's own pool runs it itself rather than wait for ever. Throws would_deadlock.
bool wait(job& j, duration timeout);
/// Runs the node once the job is done: later, by the thread that ends it, or at once.
void when_done(job& j, done_node& node);

}  // namespace troupe::detail
