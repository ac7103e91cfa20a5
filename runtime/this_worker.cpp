#include <troupe/this_worker.hpp>

#include "runtime/worker_context.hpp"
#include "runtime/worker_factory.hpp"

namespace troupe::this_worker {

using detail::current_worker;

std::string name() { return current_worker != nullptr ? current_worker->name : ""; }
std::uint64_t id() { return current_worker != nullptr ? current_worker->id : 0; }
int pid() { return detail::current_process_id(); }
int parent_pid() {
  return current_worker != nullptr ? current_worker->parent_pid : detail::parent_process_id();
}
placement where() { return current_worker != nullptr ? current_worker->where : placement::inline_; }

std::stop_token stop_token() {
  return current_worker != nullptr ? current_worker->stop_token() : std::stop_token{};
}
bool stop_requested() { return stop_token().stop_requested(); }

void progress(double done) {
  if (current_worker != nullptr && current_worker->cursor != nullptr)
    current_worker->cursor->progress.store(done, std::memory_order_relaxed);
}

}  // namespace troupe::this_worker
