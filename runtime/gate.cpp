#include <troupe/detail/gate.hpp>

#include "runtime/park.hpp"
#include "runtime/worker_context.hpp"

#include <troupe/detail/wait.hpp>

namespace troupe::detail {

steady_deadline deadline_after(duration d) {
  if (d == duration::max()) return std::nullopt;
  return time_after(d);
}

struct gate::state : std::enable_shared_from_this<gate::state> {
  struct node : done_node {
    std::shared_ptr<state> at;
    std::size_t index = 0;
  };
  static void passed(done_node* n, job&) noexcept {
    const std::unique_ptr<node> self{static_cast<node*>(n)};
    {
      const std::lock_guard hold{self->at->mutex};
      self->at->through.push_back(self->index);
    }
    self->at->more.notify_one();
  }

  std::mutex mutex;
  std::condition_variable more;
  std::deque<std::size_t> through;
  std::vector<job_ptr> jobs;  // for a worker that helps; emptied as they end
};

gate::gate() : state_(std::make_shared<state>()) {}
gate::~gate() = default;

void gate::add(job& j, std::size_t index) {
  auto n = std::make_unique<state::node>();
  n->run = &state::passed;
  n->at = state_;
  n->index = index;
  if (current_worker != nullptr && current_worker->pool != nullptr)
    state_->jobs.push_back(job_ptr::share(&j));
  when_done(j, *n.release());
}

std::optional<std::size_t> gate::next(steady_deadline until) {
  // A worker of the jobs' own pool would perhaps wait for itself: it does some of them first.
  for (auto& j : std::exchange(state_->jobs, {}))
    if (current_worker != nullptr && current_worker->pool == j->owner_address() && !j->done())
      current_worker->pool->help(*j);
  std::unique_lock hold{state_->mutex};
  const auto any = [&] { return !state_->through.empty(); };
  if (!until) state_->more.wait(hold, any);
  else if (!state_->more.wait_until(hold, *until, any)) return std::nullopt;
  const auto index = state_->through.front();
  state_->through.pop_front();
  return index;
}

}  // namespace troupe::detail
