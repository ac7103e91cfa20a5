// Tasks that the calling thread runs itself: those of a pool without workers, and what a worker
// would otherwise wait for.
#include "runtime/pool_core.hpp"
#include "runtime/run_slice.hpp"
#include "runtime/worker_factory.hpp"

#include <troupe/detail/wait.hpp>

namespace troupe::detail {

namespace {

struct one_run {
  answer told;
  buffer result;
  bool fits = false;  ///< false: there was no memory for what is to be told
};

// With the same encoding as everywhere.
one_run run_items(const job& j, std::uint32_t first, std::uint32_t count, slice_cursor& cursor,
                  keepers& handles) {
  one_run r;
  cursor.reset(count);
  buffer args;
  args.append(j.object_args());
  args.append(j.item_args(first, count));
  buffer_sink to{r.result};
  task_clock clock;
  clock.start();
  {
    const keeping note{handles};
    r.fits = run_slice(j.call, cursor, args.view(), to, r.told);
  }
  clock.stop(r.told);
  to.done();
  return r;
}

}  // namespace

// --- for a worker that waits -----------------------------------------------------------------

void pool_core::help(job& j) {
  if (current_worker == nullptr || current_worker->pool != this) return;
  slice mine;
  for (;;) {
    bool any = false;
    with_state([&](pool_state& s, effects&) { any = s.claim(j, mine); });
    if (!any) return;
    run_here(mine, *current_worker);
  }
}

// No seat knows of this slice.
void pool_core::run_here(slice& s, worker_context& self) {
  auto& j = *s.what;
  slice_cursor cursor;
  keepers handles;
  one_run r;
  {
    const running_job scope{self, j, cursor};
    r = run_items(j, s.first, s.count, cursor, handles);
  }
  with_state([&](pool_state& state, effects& fx) {
    if (j.unsettled != 0) std::move(handles.begin(), handles.end(), std::back_inserter(j.result_keep));
    if (r.fits) state.ran_elsewhere(s, r.told, std::move(r.result), self.name, self.pid, fx);
    else state.ran_elsewhere_failed(s, std::make_exception_ptr(std::bad_alloc{}), fx);
  });
}

// --- without workers -------------------------------------------------------------------------

// One item after the other, here and now.
void pool_core::run_inline(const job_ptr& job) {
  require_open();
  auto& j = *job;
  const auto began = steady_ns();
  {
    const std::lock_guard hold{mutex_};
    j.id = next_inline_;
    next_inline_ += j.items;
    inline_.bytes_in += j.args.size();
    ++inline_.running;
  }
  worker_context self;
  self.name = inline_name();
  self.pid = current_process_id();
  self.parent_pid = parent_process_id();
  self.where = placement::inline_;
  std::uint64_t failed = 0, cancelled = 0;
  {
    const worker_scope scope{self};
    for (std::uint32_t i = 0; i < j.items; ++i) {
      if (failed == 0 || !j.stop_at_error) {
        failed += run_one_inline(j, i, self) ? 0 : 1;
        continue;
      }
      ++cancelled;
      j.segments.push_back({i, 1, {}, std::make_exception_ptr(cancelled_error{
                                          "not started, since an earlier item failed"})});
    }
  }
  auto& receipt = j.receipt;
  receipt.worker = self.name;
  receipt.pid = self.pid;
  receipt.attempts = 1;
  receipt.accepted = began;
  {
    const std::lock_guard hold{mutex_};
    --inline_.running;
    inline_.done += j.items - failed - cancelled;
    inline_.failed += failed;
    inline_.cancelled += cancelled;
    inline_.bytes_out += receipt.bytes_out;
  }
  finish(j);
}

// False: it failed.
bool pool_core::run_one_inline(job& j, std::uint32_t item, worker_context& self) {
  slice_cursor cursor;
  self.cursor = &cursor;
  auto r = run_items(j, item, 1, cursor, j.result_keep);
  self.cursor = nullptr;
  j.receipt.ran += r.told.ran;
  j.receipt.cpu += r.told.cpu;
  j.receipt.bytes_out += r.result.size();
  std::exception_ptr error;
  if (!r.fits) error = std::make_exception_ptr(std::bad_alloc{});
  else if (j.deadline.count() != 0 && r.told.ran > j.deadline.count())
    error = std::make_exception_ptr(timeout_error{"the task ran past its deadline, inside submit"});
  const bool failed = error || r.told.errors != 0;
  if (failed) j.lowest_error = std::min(j.lowest_error, item);
  if (j.items == 1) {
    j.result = std::move(r.result);
    j.error = error;
  } else {
    j.segments.push_back({item, 1, std::move(r.result), error});
  }
  return !failed;
}

}  // namespace troupe::detail
