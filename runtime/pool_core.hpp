// A pool's shell: pool_state under its mutex, its supervisor, and those who wait. What every
// thread that has to do with the pool calls: submitters, workers, the reactor, the supervisor.
#pragma once

#include "actors/supervisor.hpp"
#include "runtime/inbox.hpp"
#include "runtime/object.hpp"
#include "runtime/system_impl.hpp"
#include "runtime/worker_context.hpp"

#include <troupe/placement.hpp>
#include <troupe/pool_options.hpp>

#include <condition_variable>
#include <mutex>
#include <set>

namespace troupe::detail {

/// A pool, or what is behind a worker that was spawned: a pool of one, called as the pool itself,
/// that accepts one task, at its start, and is not replaced.
enum class crew : std::uint8_t { pool, worker, daemon };

class pool_core final : public job_owner,
                        public pool_shell,
                        public std::enable_shared_from_this<pool_core> {
 public:
  /// Throws usage_error for options that cannot be.
  static std::shared_ptr<pool_core> make(std::shared_ptr<system_impl> system, pool_options o,
                                         crew kind = crew::pool);
  ~pool_core();
  pool_core(const pool_core&) = delete;
  pool_core& operator=(const pool_core&) = delete;

  /// Starts the workers; returns once all were started and one has reported. Throws start_error.
  void start();
  bool is_pool() const noexcept { return kind_ == crew::pool; }
  bool is_daemon() const noexcept { return kind_ == crew::daemon; }

  // --- for the pool's handle ----------------------------------------------------------------
  void submit(const job_ptr& j);
  void close();
  void terminate();
  bool join(duration timeout);       ///< until the workers have stopped
  bool closed() const;
  void resize(std::size_t workers);
  pool_stats stats();
  const pool_options& options() const noexcept { return options_; }
  std::size_t workers() const;
  const std::string& name() const noexcept { return options_.name; }
  /// Throws what a submit would throw now.
  void require_open() const;

  // --- for the handle of a spawned worker ---------------------------------------------------
  int pid() const;
  bool over() const;
  std::optional<exit_status> status() const;  ///< once it is over
  void signal(stop_action action);            ///< terminate or kill, and no more
  void stop_firmly();

  // --- for workers of this pool -------------------------------------------------------------
  void ready(const worker& w, std::shared_ptr<mailbox> box);
  bool result(std::size_t seat, const answer& a, buffer&& bytes);
  /// `each(state, fx)` under the mutex, with all that was submitted taken in.
  template <class Fn>
  void with_state(Fn&& each) {
    {
      std::unique_lock hold{mutex_};
      act(hold, each);
    }
    while (missed_some()) {
      std::unique_lock hold{mutex_};
      act(hold, [](pool_state&, effects&) {});
    }
  }
  /// A task with a deadline has begun.
  void started(const worker& w, std::uint64_t slice);
  /// The object of this number, if a handle to it is in the arguments of what that seat has in
  /// hand; else null.
  std::shared_ptr<object> lent(std::size_t seat, std::uint64_t number);
  /// Handles go out in the results of a slice.
  void attach(std::size_t seat, std::uint64_t slice, keepers&& handles);
  const caf::actor& supervisor() const noexcept { return supervisor_; }
  system_impl& system() noexcept { return *system_; }

  // --- job_owner, pool_shell ----------------------------------------------------------------
  std::shared_ptr<job_owner> keep() noexcept override { return weak_from_this().lock(); }
  job_phase phase_of(job& j) override;
  bool cancel(job& j, bool kill) override;
  void help(job& j) override;
  double progress_of(job& j) override;
  void call_back(std::function<void()> fn) override { system_->call_back(std::move(fn)); }
  void spawned(const worker& w) override;
  void worker_ended(const worker& w) override;
  void give_up(std::exception_ptr why) override;
  bool deadline(std::size_t seat, std::uint64_t worker, std::uint64_t slice) override;
  bool look_after() override;
  void started(std::exception_ptr failure) override;
  void stopped() override;
  void note(const char* what, const worker& w, const std::string& text) override;

  /// The worker in this process that sits there, for its stop token; set while it runs.
  void set_context(std::size_t seat, std::shared_ptr<worker_context> context);

 private:
  pool_core(std::shared_ptr<system_impl> system, pool_options o, crew kind);
  void require_unambiguous(const callable_entry& call) const;
  // One event: under the mutex, which it lets go of, then its effects.
  template <class Fn>
  void act(std::unique_lock<std::mutex>& hold, Fn&& each) {
    effects fx;
    inbox_.take([&](job_ptr j) { state_.submit(j, fx); });
    each(state_, fx);
    attentive_.store(state_.attentive(), std::memory_order_relaxed);
    const bool unattended = !state_.idle() && !std::exchange(looked_after_, true);
    hold.unlock();
    carry_out(fx);
    if (unattended) look_after_from_now_on();
  }
  // A submitter looks whether the pool is attentive after its job lies in the inbox; who holds the
  // mutex looks into the inbox after it has said so. Both behind a full fence: one sees the other.
  bool missed_some() const noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return !inbox_.empty() && attentive_.load(std::memory_order_relaxed);
  }
  void submit_at_once(const job_ptr& j);
  void start_with(const job_ptr& j);
  std::string inline_name() const { return is_pool() ? options_.name + "-1" : options_.name; }
  void wait_for_room(std::unique_lock<std::mutex>& hold);
  void look_after_from_now_on();
  void fill_in(pool_stats& out) const;
  void carry_out(effects& fx);
  std::string worker_program() const;
  void run_inline(const job_ptr& j);
  bool run_one_inline(job& j, std::uint32_t item, worker_context& self);
  void run_here(slice& s, worker_context& self);

  const std::shared_ptr<system_impl> system_;
  const pool_options options_;
  const crew kind_;
  caf::actor supervisor_;

  inbox inbox_;                        // submitted, not yet in state_
  std::atomic<bool> attentive_{true};  // as state_ was when the mutex was last let go of
  mutable std::mutex mutex_;
  pool_state state_;
  std::condition_variable space_;      // submitters that wait for max_pending
  std::condition_variable changed_;    // start and stop
  bool start_reported_ = false;
  std::exception_ptr start_failure_;
  bool stopped_ = false;
  bool supervised_ = false;            // a supervisor was started
  bool looked_after_ = false;          // and calls look_after() now and then
  int pid_ = 0;                        // of the worker that was spawned last
  exit_status status_;                 // of the worker that ended last
  std::uint64_t restarts_ = 0;
  std::set<std::size_t> seated_;       // seats that had a worker before
  pool_counts inline_;                 // what ran inside submit
  std::uint64_t next_inline_ = 1;      // number of the next such task
  std::vector<std::shared_ptr<worker_context>> contexts_;  // by seat; thread placement only
};

}  // namespace troupe::detail
