#include <troupe/detail/wait.hpp>

#include "runtime/park.hpp"
#include "runtime/worker_context.hpp"

#include <thread>
#include <utility>

namespace troupe::detail {

namespace {

// Marks the list of nodes as closed: the job is done, and has run them.
done_node closed_mark{nullptr, nullptr};

void block(job& j, steady_time until) {
  auto s = j.state.load(std::memory_order_acquire);
  while ((s & job::is_done) == 0) {
    if ((s & job::has_waiters) == 0 &&
        !j.state.compare_exchange_weak(s, s | job::has_waiters, std::memory_order_acq_rel))
      continue;
    if (until != never && std::chrono::steady_clock::now() >= until) return;
    park(j.state, s | job::has_waiters, until);
    s = j.state.load(std::memory_order_acquire);
  }
}

}  // namespace

void finish(job& j) noexcept {
  const auto keep = job_ptr::share(&j);
  keepers{}.swap(j.keep);
  auto s = j.state.fetch_or(job::is_done, std::memory_order_acq_rel);
  if ((s & job::has_waiters) != 0) unpark_all(j.state);
  auto* newest = j.on_done.exchange(&closed_mark, std::memory_order_acq_rel);
  done_node* node = nullptr;  // in the order in which they were added
  while (newest != nullptr) node = std::exchange(newest, std::exchange(newest->next, node));
  while (node != nullptr) {
    auto* const next = node->next;  // the node may be gone once it has run
    node->run(node, j);
    node = next;
  }
  // Who holds a pin may still be asking the pool something; the pool must outlive that.
  while (j.state.load(std::memory_order_acquire) >= job::one_pin) std::this_thread::yield();
}

bool wait(job& j, duration timeout) {
  if (j.done()) return true;
  const auto until = timeout == duration::max() ? never : time_after(timeout);
  // Only a wait without end can be a deadlock, and only a worker in this process can cause one.
  if (until != never || current_worker == nullptr) {
    block(j, until);
  } else {
    if (current_worker->pool != nullptr && current_worker->pool == j.owner_address())
      current_worker->pool->help(j);
    const waiting_for entry{*current_worker, j};
    block(j, until);
  }
  return j.done();
}

void when_done(job& j, done_node& node) {
  auto* head = j.on_done.load(std::memory_order_acquire);
  do {
    if (head == &closed_mark) {
      node.run(&node, j);
      return;
    }
    node.next = head;
  } while (!j.on_done.compare_exchange_weak(head, &node, std::memory_order_acq_rel));
}

}  // namespace troupe::detail
