#include "runtime/pool_core.hpp"

#include "runtime/park.hpp"
#include "runtime/run_slice.hpp"
#include "runtime/worker_factory.hpp"

#include <troupe/cpu.hpp>
#include <troupe/detail/wait.hpp>

#include <caf/send.hpp>

namespace troupe::detail {

namespace {

pool_options checked(pool_options o, crew kind, system_impl& system) {
  const auto refuse = [&](const std::string& why) {
    throw usage_error{(kind == crew::pool ? "pool_options." : "spawn_options.") + why};
  };
  if (o.workers == 0) o.workers = cpu_count();
  if (o.workers > 4096) refuse("workers is " + std::to_string(o.workers) + ", at most 4096 make sense");
  if (o.max_retries < 0) refuse("max_retries is negative");
  if (o.max_retries > 0 && o.on_loss != loss_policy::retry_task)
    refuse("max_retries needs .on_loss = loss_policy::retry_task");
  if (o.restarts.max < 0) refuse("restarts.max is negative");
  if (o.restarts.period <= duration::zero()) refuse("restarts.period must be positive");
  if (o.grace < duration::zero()) refuse("grace is negative");
  if (o.submit_timeout < duration::zero()) refuse("submit_timeout is negative");
  if (o.memory_limit != 0 && o.where != placement::process)
    refuse("memory_limit needs .where = placement::process: threads share the host's memory");
  if (o.memory_limit != 0 && o.memory_limit < (std::size_t{8} << 20))
    refuse("memory_limit is " + std::to_string(o.memory_limit) +
           " bytes; a worker itself needs some of it, give at least 8 MiB");
  if (o.where == placement::process) system.require_worker_program();
  if (o.name.empty())
    o.name = kind == crew::pool ? system.next_pool_name() : system.next_worker_name(o.where);
  return o;
}

pool_rules rules_of(const pool_options& o) {
  return {.seats = o.where == placement::inline_ ? 1 : o.workers,
          .max_pending = o.max_pending,
          .max_tasks_per_worker = o.max_tasks_per_worker,
          .on_loss = static_cast<loss_rule>(o.on_loss),
          .max_retries = o.max_retries == 0 ? 3 : o.max_retries,
          .prefetch = o.where == placement::process};
}

std::exception_ptr never_begun(loss facts) {
  facts.phase = phase::not_started;
  return std::make_exception_ptr(worker_lost{std::move(facts)});
}

}  // namespace

pool_core::pool_core(std::shared_ptr<system_impl> system, pool_options o, crew kind)
    : system_(std::move(system)), options_(std::move(o)), kind_(kind), state_(rules_of(options_)),
      looked_after_(!is_pool()) {}  // there is nobody to give a task to that was not begun in time

std::shared_ptr<pool_core> pool_core::make(std::shared_ptr<system_impl> system, pool_options o,
                                           crew kind) {
  auto options = checked(std::move(o), kind, *system);
  return std::shared_ptr<pool_core>{new pool_core{std::move(system), std::move(options), kind}};
}

pool_core::~pool_core() = default;

std::string pool_core::worker_program() const {
  if (options_.where != placement::process) return {};
  const auto& named = system_->options().worker_executable;
  return named.empty() ? own_program() : named;
}

void pool_core::start() {
  system_->enter(shared_from_this());
  if (options_.where == placement::inline_) {
    stopped_ = false;
    try {
      if (options_.initializer) options_.initializer();
    } catch (const std::exception& e) {
      give_up(std::make_exception_ptr(pool_broken{
          "pool " + options_.name + " is broken: its initializer failed: " + e.what()}));
    } catch (...) {
      give_up(std::make_exception_ptr(
          pool_broken{"pool " + options_.name + " is broken: its initializer failed"}));
    }
    return;
  }
  auto factory = make_factory(shared_from_this());
  supervised_ = true;
  {
    const actor_visit visit{&system_->actors().logger()};
    supervisor_ = spawn_supervisor(system_->actors(),
                                   {.workers = options_.workers,
                                    .name = options_.name,
                                    .once = !is_pool(),
                                    .program = worker_program(),
                                    .restarts = options_.restarts,
                                    .grace = options_.grace},
                                   std::move(factory), shared_from_this());
  }
  caf::anon_send(supervisor_, start_pool{});
  std::unique_lock hold{mutex_};
  changed_.wait(hold, [&] { return start_reported_; });
  if (!start_failure_) return;
  hold.unlock();
  terminate();
  join(duration::max());
  std::rethrow_exception(start_failure_);
}

// --- the handle's side -----------------------------------------------------------------------

void pool_core::require_open() const {
  const std::lock_guard hold{mutex_};
  if (state_.broken()) std::rethrow_exception(state_.broken());
  if (!state_.open())
    throw closed_error{"pool " + options_.name + " is closed and takes no new tasks"};
}

// Two local functions of one name are told apart by their order in the program: in another
// program that order may differ.
void pool_core::require_unambiguous(const callable_entry& call) const {
  if (!call.ambiguous || system_->options().worker_executable.empty()) return;
  throw usage_error{"there are several functions called " + display_name(call) +
                    ", and the worker program " + system_->options().worker_executable +
                    " may tell them apart differently: give them different names"};
}

void pool_core::submit(const job_ptr& j) {
  require_unambiguous(*j->call);
  if (!is_pool()) return start_with(j);
  if (options_.where == placement::inline_) return run_inline(j);
  j->receipt.accepted = steady_ns();
  if (options_.max_pending != 0 || attentive_.load(std::memory_order_acquire))
    return submit_at_once(j);
  inbox_.push(j);
  if (missed_some()) with_state([](pool_state&, effects&) {});
}

// The task is there before the worker is, so that however early that ends it ends with it.
void pool_core::start_with(const job_ptr& j) {
  if (options_.where == placement::inline_) {
    start();
    run_inline(j);
    return close();
  }
  j->receipt.accepted = steady_ns();
  with_state([&](pool_state& s, effects& fx) {
    s.submit(j, fx);
    s.close(fx);
  });
  start();
}

void pool_core::submit_at_once(const job_ptr& j) {
  {
    std::unique_lock hold{mutex_};
    wait_for_room(hold);
    if (state_.broken()) std::rethrow_exception(state_.broken());
    if (!state_.open())
      throw closed_error{"pool " + options_.name + " is closed and takes no new tasks"};
    act(hold, [&](pool_state& s, effects& fx) { s.submit(j, fx); });
  }
  if (missed_some()) with_state([](pool_state&, effects&) {});
}

void pool_core::wait_for_room(std::unique_lock<std::mutex>& hold) {
  if (!state_.full()) return;
  if (current_worker != nullptr && current_worker->pool == this)
    throw would_deadlock{"pool " + options_.name + " is full, and the worker " +
                         current_worker->name + " of this very pool would wait for room in it"};
  const auto room = [&] { return !state_.full() || !state_.open(); };
  if (options_.submit_timeout == duration::max()) return space_.wait(hold, room);
  if (!space_.wait_until(hold, time_after(options_.submit_timeout), room))
    throw full_error{"pool " + options_.name + " has " + std::to_string(options_.max_pending) +
                     " unfinished tasks, its limit, and none ended within the submit timeout"};
}

void pool_core::look_after_from_now_on() { caf::anon_send(supervisor_, look_after_tasks{}); }

bool pool_core::look_after() {
  bool again = false;
  with_state([&](pool_state& s, effects& fx) {
    again = looked_after_ = s.look_after(steady_ns(), fx);
  });
  return again;
}

void pool_core::carry_out(effects& fx) {
  fx.wake.each([](const std::shared_ptr<mailbox>& m) { m->wake(); });
  fx.completed.each([](job_ptr& j) { finish(*j); });
  if (fx.space) space_.notify_all();
  if (!supervised_) {
    if (fx.drained) stopped();
    return;
  }
  fx.kill.each([&](std::uint64_t id) { caf::anon_send(supervisor_, kill_worker{id}); });
  fx.retire.each([&](std::uint64_t id) { caf::anon_send(supervisor_, retire_worker{id}); });
  if (fx.drained) caf::anon_send(supervisor_, pool_drained{});
}

void pool_core::close() {
  with_state([](pool_state& s, effects& fx) {
    if (!s.closed()) s.close(fx);
  });
}

void pool_core::terminate() {
  with_state([](pool_state& s, effects& fx) { s.terminate(fx); });
  if (supervised_) caf::anon_send(supervisor_, pool_terminated{});
}

bool pool_core::join(duration timeout) {
  if (current_worker != nullptr && current_worker->pool == this)
    throw would_deadlock{"worker " + current_worker->name + " would wait for " +
                         (is_pool() ? "the end of the very pool it belongs to" : "its own end")};
  std::unique_lock hold{mutex_};
  const auto over = [&] { return stopped_; };
  if (timeout == duration::max()) changed_.wait(hold, over);
  else changed_.wait_until(hold, time_after(timeout), over);
  return stopped_;
}

int pool_core::pid() const {
  const std::lock_guard hold{mutex_};
  return pid_ != 0 ? pid_ : current_process_id();
}

bool pool_core::over() const {
  const std::lock_guard hold{mutex_};
  return stopped_;
}

// A worker that had nothing left to do ended as it was asked to, with 0. What is told is how its
// function ended.
std::optional<exit_status> pool_core::status() const {
  const std::lock_guard hold{mutex_};
  if (!stopped_) return std::nullopt;
  auto s = status_;
  const auto c = supervised_ ? state_.counts() : inline_;
  const bool threw = c.failed > (options_.where == placement::process ? c.lost : 0);
  if (s.ok() && threw) s.code = 1;
  return s;
}

void pool_core::signal(stop_action action) {
  if (!supervised_ || over()) return;
  // To a thread this would be more than a signal: to be given up.
  if (options_.where == placement::thread) action = stop_action::terminate;
  caf::anon_send(supervisor_, signal_workers{action});
}

void pool_core::stop_firmly() {
  {
    std::unique_lock hold{mutex_};
    changed_.wait(hold, [&] { return start_reported_ || stopped_; });
  }
  if (supervised_) caf::anon_send(supervisor_, pool_terminated{});
}

bool pool_core::closed() const {
  const std::lock_guard hold{mutex_};
  return state_.closed();
}

std::size_t pool_core::workers() const {
  const std::lock_guard hold{mutex_};
  return state_.target();
}

void pool_core::resize(std::size_t workers) {
  if (workers == 0) throw usage_error{"pool::resize(0): a pool needs a worker; close() ends it"};
  if (workers > 4096) throw usage_error{"pool::resize: at most 4096 workers make sense"};
  require_open();
  if (!supervised_) return;
  with_state([&](pool_state& s, effects& fx) { s.resize(workers, fx); });
  caf::anon_send(supervisor_, pool_resized{workers});
}

pool_stats pool_core::stats() {
  pool_stats out;
  with_state([&](pool_state&, effects&) { fill_in(out); });
  return out;
}

void pool_core::fill_in(pool_stats& out) const {
  auto c = supervised_ ? state_.counts() : inline_;
  out.pending = c.pending;
  out.running = c.running;
  out.done = c.done;
  out.failed = c.failed;
  out.lost = c.lost;
  out.bytes_in = c.bytes_in;
  out.bytes_out = c.bytes_out;
  out.restarts = restarts_;
  for (std::size_t i = 0; i < state_.seats().size(); ++i) {
    const auto& s = state_.seats()[i];
    if (s.worker == 0 && (i >= state_.target() || stopped_)) continue;
    worker_stats w{s.name, s.pid, "starting", s.tasks};
    switch (s.state) {
      case seat_state::empty: w.pid = 0; break;
      case seat_state::ready: w.state = s.in_flight.empty() ? "idle" : "busy"; break;
      case seat_state::closing: case seat_state::retiring: w.state = "stopping"; break;
    }
    out.workers.push_back(std::move(w));
  }
  if (!supervised_) {
    out.workers.assign(1, {inline_name(), current_process_id(), "idle", c.done + c.failed});
    if (!is_pool() && stopped_) out.workers.clear();
  }
}

// --- the workers' side -----------------------------------------------------------------------

void pool_core::ready(const worker& w, std::shared_ptr<mailbox> box) {
  with_state([&](pool_state& s, effects& fx) {
    if (!seated_.insert(w.spec.seat).second) ++restarts_;
    s.ready(w.spec.seat, w.spec.id, w.spec.name, w.pid(), std::move(box), fx);
  });
}

bool pool_core::result(std::size_t seat, const answer& a, buffer&& bytes) {
  bool fine = false;
  with_state([&](pool_state& s, effects& fx) { fine = s.result(seat, a, std::move(bytes), fx); });
  return fine;
}

void pool_core::started(const worker& w, std::uint64_t slice) {
  duration deadline{0};
  {
    const std::lock_guard hold{mutex_};
    const auto& s = state_.seats()[w.spec.seat];
    if (s.worker != w.spec.id || s.in_flight.empty() || s.in_flight.front().id != slice) return;
    deadline = s.in_flight.front().what->deadline;
  }
  if (deadline.count() != 0)
    caf::anon_send(supervisor_, watch_deadline{w.spec.id, w.spec.seat, slice, deadline});
}

std::shared_ptr<object> pool_core::lent(std::size_t seat, std::uint64_t number) {
  const object_name name{owner_id(), number};
  const std::lock_guard hold{mutex_};
  for (const auto& part : state_.seats()[seat].in_flight) {
    if (part.what->unsettled == 0) continue;  // its handles may be given back this moment
    for (const auto& k : part.what->keep)
      if (k->name() == name) return std::static_pointer_cast<object>(k);
  }
  return nullptr;
}

void pool_core::attach(std::size_t seat, std::uint64_t slice, keepers&& handles) {
  const std::lock_guard hold{mutex_};
  for (const auto& part : state_.seats()[seat].in_flight)
    if (part.id == slice && part.what->unsettled != 0)
      std::move(handles.begin(), handles.end(), std::back_inserter(part.what->result_keep));
}

void pool_core::set_context(std::size_t seat, std::shared_ptr<worker_context> context) {
  const std::lock_guard hold{mutex_};
  if (contexts_.size() <= seat) contexts_.resize(seat + 1);
  contexts_[seat] = std::move(context);
}

// --- job_owner -------------------------------------------------------------------------------

job_phase pool_core::phase_of(job& j) {
  auto phase = job_phase::pending;
  with_state([&](pool_state& s, effects&) { phase = s.phase_of(j); });
  return phase;
}

bool pool_core::cancel(job& j, bool kill) {
  bool cancelled = false;
  with_state([&](pool_state& s, effects& fx) {
    cancelled = s.cancel(j, kill && options_.where == placement::process, fx);
  });
  return cancelled;
}

double pool_core::progress_of(job& j) {
  const std::lock_guard hold{mutex_};
  return j.cursor != nullptr ? j.cursor->progress.load(std::memory_order_relaxed) : 0.0;
}

// --- the supervisor's side -------------------------------------------------------------------

void pool_core::spawned(const worker& w) {
  const std::lock_guard hold{mutex_};
  pid_ = w.pid();
}

void pool_core::worker_ended(const worker& w) {
  bool broken = false;
  std::string text;
  with_state([&](pool_state& s, effects& fx) {
    end_of_worker end;
    end.facts = w.end.facts;
    end.expected = w.end.expected || s.seats()[w.spec.seat].kill_expected;
    end.recovered_items = w.end.recovered_items;
    end.recovered.append(w.end.recovered.view());
    end.out_of_memory = w.end.out_of_memory;
    if (w.spec.seat < contexts_.size()) contexts_[w.spec.seat].reset();
    status_ = end.facts.status;
    auto facts = end.facts;
    s.ended(w.spec.seat, w.spec.id, std::move(end), fx);
    if (is_pool()) broken = fx.broken;
    else s.break_pool(never_begun(std::move(facts)), fx);
  });
  if (!broken) return;
  text = worker_lost{w.end.facts}.what();
  give_up(std::make_exception_ptr(pool_broken{
      "pool " + options_.name + " is broken, as loss_policy::break_pool asks: " + text, {text}}));
  caf::anon_send(supervisor_, pool_gave_up{});
}

void pool_core::give_up(std::exception_ptr why) {
  with_state([&](pool_state& s, effects& fx) { s.break_pool(why, fx); });
}

bool pool_core::deadline(std::size_t seat, std::uint64_t id, std::uint64_t slice) {
  bool over = false;
  std::shared_ptr<worker_context> context;
  with_state([&](pool_state& s, effects& fx) {
    over = s.deadline(seat, id, slice, fx);
    if (options_.where == placement::process) return;
    fx.kill.clear();
    if (over && seat < contexts_.size()) context = contexts_[seat];
  });
  if (context) context->request_stop();
  return over && options_.where == placement::process;
}

void pool_core::started(std::exception_ptr failure) {
  {
    const std::lock_guard hold{mutex_};
    start_reported_ = true;
    start_failure_ = failure;
  }
  changed_.notify_all();
}

void pool_core::stopped() {
  // Under the mutex: who waits for this may destroy the pool as soon as it is seen.
  const std::lock_guard hold{mutex_};
  stopped_ = true;
  changed_.notify_all();
}

void pool_core::note(const char* what, const worker& w, const std::string& text) {
  system_->tell({what, w.spec.name, w.pid(), text});
}

}  // namespace troupe::detail
