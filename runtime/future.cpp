#include <troupe/future.hpp>

namespace troupe {

const char* to_string(future_state s) noexcept {
  switch (s) {
    case future_state::pending: return "pending";
    case future_state::running: return "running";
    case future_state::done: return "done";
    case future_state::cancelled: return "cancelled";
  }
  return "?";
}

namespace detail {

future_state state_of(job& j) {
  if (const auto owner = j.owner()) {
    const auto phase = owner->phase_of(j);
    if (phase == job_phase::pending) return future_state::pending;
    if (phase == job_phase::running) return future_state::running;
    wait(j, duration::max());  // its outcome is settled and about to be published
  }
  return j.was_cancelled ? future_state::cancelled : future_state::done;
}

bool cancel(job& j, bool kill) {
  const auto owner = j.owner();
  return owner && owner->cancel(j, kill);
}

double progress_of(job& j) {
  const auto owner = j.owner();
  return owner ? owner->progress_of(j) : 1.0;
}

receipt receipt_of(const job& j) {
  const auto& r = j.receipt;
  return {.worker = r.worker,
          .pid = r.pid,
          .attempts = r.attempts,
          .queued = duration{r.queued},
          .ran = duration{r.ran},
          .cpu = duration{r.cpu},
          .bytes_in = j.args.size(),
          .bytes_out = r.bytes_out};
}

bool has_error(const job& j) { return j.lowest_error != ~0U || j.error != nullptr; }

void call_when_done(job& j, std::function<void()> fn) {
  struct node : done_node {
    std::function<void()> fn;
    static void pass_on(done_node* n, job& j) noexcept {
      const std::unique_ptr<node> self{static_cast<node*>(n)};
      j.owner_address()->call_back(std::move(self->fn));  // it waits for us: see finish()
    }
  };
  auto* const n = new node;
  n->run = &node::pass_on;
  n->fn = std::move(fn);
  when_done(j, *n);
}

void throw_not_yet(job& j, duration timeout) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  throw timeout_error{"task " + std::to_string(j.id) + " has no result after " +
                      std::to_string(ms) + " ms; it goes on"};
}

void throw_unfinished(std::size_t unfinished, std::size_t all) {
  throw timeout_error{std::to_string(unfinished) + " (of " + std::to_string(all) +
                      ") futures unfinished"};
}

void throw_item_error(const job& j, reader& from) {
  std::rethrow_exception(load_exception(from, j.receipt.worker, j.receipt.pid));
}

}  // namespace detail
}  // namespace troupe
