#include <troupe/queue.hpp>

#include "actors/queue_state.hpp"
#include "runtime/asking.hpp"

namespace troupe::detail {

queue_handle::queue_handle(system& sys, const queue_options& options)
    : ref_(make_object(sys, object_kind::queue,
                       std::make_unique<queue_state>(queue_rules{
                           .capacity = options.capacity, .redeliver = options.redeliver}))) {}

const object_ref& queue_handle::need() const { return need_object(ref_, "queue"); }

std::size_t queue_handle::size() const { return demand(need(), {.what = verb::size}, "queue").number; }

void queue_handle::close() const {
  // Closed already, or its owner has ended: it is as it should be.
  need()->perform({.what = verb::close});
}

void queue_handle::task_done() const {
  const auto r = need()->perform({.what = verb::task_done});
  if (r.how == outcome::misused)
    throw usage_error{"queue::task_done() was called more often than items were got"};
  if (r.how != outcome::done) refuse(r.how, "queue");
}

void queue_handle::join() const { demand(need(), {.what = verb::join}, "queue"); }

bool queue_handle::join(duration timeout) const {
  return demand_in_time(need(), {.what = verb::join, .until = time_after(timeout)}, "queue");
}

bool queue_handle::put_item(item&& i, duration timeout, waiting w) const {
  return demand_in_time(need(),
                        {.what = verb::put,
                         .at_once = w == waiting::no,
                         .until = until(timeout),
                         .payload = std::move(i.bytes),
                         .keep = std::move(i.keep)},
                        "queue");
}

bool queue_handle::get_item(buffer& bytes, duration timeout, waiting w) const {
  auto r = need()->perform({.what = verb::get, .at_once = w == waiting::no, .until = until(timeout)});
  if (r.how == outcome::timed_out || r.how == outcome::would_block) return false;
  if (r.how != outcome::done) refuse(r.how, "queue");
  bytes = std::move(r.payload);
  return true;
}

bool queue_handle::get_or_end(buffer& bytes) const {
  auto r = need()->perform({.what = verb::get});
  if (r.how == outcome::closed) return false;
  if (r.how != outcome::done) refuse(r.how, "queue");
  bytes = std::move(r.payload);
  return true;
}

void queue_handle::fail_full(duration timeout) const {
  throw full_error{"the queue is full, and nothing was got from it within " + in_words(timeout)};
}

void queue_handle::fail_empty(duration timeout) const {
  throw empty_error{"the queue is empty, and nothing was put into it within " + in_words(timeout)};
}

}  // namespace troupe::detail
