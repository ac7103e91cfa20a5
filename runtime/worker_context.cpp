#include "runtime/worker_context.hpp"

#include <algorithm>
#include <utility>

namespace troupe::detail {

thread_local worker_context* current_worker = nullptr;

namespace {

// All workers that live in this process, of all pools. Only waits without a timeout by such
// workers touch it while tasks run, so one mutex serves.
struct wait_graph {
  std::mutex mutex;
  std::vector<worker_context*> workers;

  static wait_graph& instance() {
    static auto* g = new wait_graph;  // not destroyed: workers left behind may outlive main
    return *g;
  }

  // Could `j` never be done, if `self` waited for it too? What was asked about already adds
  // nothing: a circle is found where it started, at `self`.
  bool stuck(const job* j, const worker_context* self, std::vector<const job*>& asked) {
    if (j->done() || std::find(asked.begin(), asked.end(), j) != asked.end()) return false;
    asked.push_back(j);
    bool anybody = false;
    for (const auto* w : workers) {
      if (!waits(w, self) || std::find(w->running.begin(), w->running.end(), j) == w->running.end())
        continue;
      anybody = true;
      if (blocked(w, self, asked)) return true;
    }
    if (anybody) return false;
    // Nobody who waits runs it. Hopeless only if everybody of its pool waits, so that it is still
    // in the queue, and for ever.
    const auto* pool = j->owner_address();
    std::size_t members = 0;
    for (const auto* w : workers) {
      if (w->pool != pool) continue;
      ++members;
      if (!blocked(w, self, asked)) return false;
    }
    return members != 0;
  }

  // A worker that waits changes nothing of its own: so only then may others look at what it runs.
  static bool waits(const worker_context* w, const worker_context* self) {
    return w == self || w->waits_for != nullptr;
  }

  bool blocked(const worker_context* w, const worker_context* self,
               std::vector<const job*>& asked) {
    return w == self || (w->waits_for != nullptr && stuck(w->waits_for, self, asked));
  }
};

}  // namespace

std::stop_token worker_context::stop_token() {
  const std::lock_guard hold{mutex_};
  return stop_.get_token();
}

void worker_context::request_stop() {
  std::stop_source stop;
  {
    const std::lock_guard hold{mutex_};
    stop_used_ = true;
    stop = stop_;
  }
  stop.request_stop();  // runs the task's own stop callbacks
}

void worker_context::stop_for_good() {
  {
    const std::lock_guard hold{mutex_};
    for_good_ = true;
  }
  request_stop();
}

void worker_context::next_task() {
  const std::lock_guard hold{mutex_};
  if (std::exchange(stop_used_, false) && !for_good_) stop_ = std::stop_source{};
}

worker_scope::worker_scope(worker_context& self) : before_(current_worker) {
  current_worker = &self;
  if (self.pool == nullptr) return;
  auto& g = wait_graph::instance();
  const std::lock_guard hold{g.mutex};
  g.workers.push_back(&self);
}

worker_scope::~worker_scope() {
  const auto* self = std::exchange(current_worker, before_);
  if (self->pool == nullptr) return;
  auto& g = wait_graph::instance();
  const std::lock_guard hold{g.mutex};
  std::erase(g.workers, self);
}

running_job::running_job(worker_context& self, job& j, slice_cursor& cursor)
    : self_(self), outer_(std::exchange(self.cursor, &cursor)) {
  self.running.push_back(&j);
}

running_job::~running_job() {
  self_.running.pop_back();
  self_.cursor = outer_;
}

waiting_for::waiting_for(worker_context& self, job& j) : self_(self) {
  if (self.pool == nullptr) return;
  auto& g = wait_graph::instance();
  const std::lock_guard hold{g.mutex};
  std::vector<const job*> asked;
  if (g.stuck(&j, &self, asked))
    throw would_deadlock{"worker " + self.name +
                         " would wait for ever: what it waits for can only be done by workers "
                         "that wait for it"};
  self.waits_for = &j;
}

waiting_for::~waiting_for() {
  if (self_.pool == nullptr) return;
  const std::lock_guard hold{wait_graph::instance().mutex};
  self_.waits_for = nullptr;
}

}  // namespace troupe::detail
