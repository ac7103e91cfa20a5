// What a pool does with its tasks: which worker gets what, what becomes of it when a worker
// dies, what is cancelled. Pure: no thread, no clock, no CAF. Events go in, effects come out; the
// shell (runtime/pool_core.hpp) calls it under one mutex and carries the effects out after it has
// let go of the mutex. actors/README.md prints the tables.
#pragma once

#include "actors/short_list.hpp"

#include <troupe/detail/job.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::detail {

enum class loss_rule : std::uint8_t { fail_task, retry_task, break_pool };

/// A run of a job's items on its way to a worker, in it, or coming back.
struct slice {
  job_ptr what;
  std::uint32_t first = 0;
  std::uint32_t count = 0;     ///< what the worker may still be running: shrinks by take_back
  std::uint32_t done = 0;      ///< items whose results have arrived
  std::uint64_t id = 0;        ///< on this worker's link, from 1
  slice_cursor* cursor = nullptr;
  bool doomed = false;         ///< its outcome is settled already; what comes is dropped
};

/// One worker's mailbox, as the pool writes to it. Never blocks, never calls back, never throws.
class mailbox {
 public:
  /// Delivers the slice, sets its cursor. Called under the pool's mutex. True: the worker may be
  /// asleep, call wake().
  virtual bool push(slice& s) = 0;
  /// After push, without the mutex.
  virtual void wake() noexcept = 0;

 protected:
  ~mailbox() = default;
};

/// A worker's place in the pool; the worker in it may be replaced, the seat stays.
///
/// state     | submit, result      | ready | ended                    | resize, close
/// empty     | -                   | ready | -                        | closing
/// ready     | gets slices         | -     | empty: tasks as by rule  | closing: no new slices
/// retiring  | finishes what it has| -     | empty                    | -
/// closing   | finishes what it has| stop  | gone                     | -
enum class seat_state : std::uint8_t { empty, ready, retiring, closing };

struct seat {
  seat_state state = seat_state::empty;
  std::uint64_t worker = 0;        ///< id of the worker in it; 0: none
  std::string name;
  int pid = 0;
  std::shared_ptr<mailbox> box;
  std::deque<slice> in_flight;     ///< oldest first: the order of the mailbox
  std::deque<slice> keyed;         ///< waiting for this very seat
  std::uint64_t open = 0;          ///< items in in_flight without a result
  std::uint64_t next_id = 1;
  std::uint64_t tasks = 0;         ///< finished here by this worker
  std::uint64_t assigned = 0;      ///< given to this worker, less what was taken back
  std::int64_t item_ns = 0;        ///< what a task takes here, as measured
  std::uint64_t seen_front = 0;    ///< stale check: the front slice at the last look …
  std::int64_t seen_at = 0;        ///< … and when it was first seen there
  bool idle = false;               ///< listed in idle_
  bool kill_expected = false;      ///< we ended it ourselves (deadline, cancel): no failure
};

/// How a worker ended, as far as its tasks are concerned.
struct end_of_worker {
  loss facts;                       ///< worker, pid, status, detail, last words
  bool expected = false;            ///< told to stop, or killed by us for its task's sake
  /// What the dead worker had finished of its front slice but not sent: items, and their bytes.
  std::uint32_t recovered_items = 0;
  buffer recovered;
  bool out_of_memory = false;       ///< ended for want of memory under its own memory limit
};

/// What a worker says of its oldest slice.
struct answer {
  std::uint64_t id = 0;
  std::uint32_t items = 0;                       ///< results in this answer
  bool last = true;                              ///< no more of this slice follow
  std::uint32_t first_error = batch::no_error;   ///< item of the slice that failed first
  std::uint64_t errors = 0;                      ///< items of this answer that failed
  std::int64_t ran = 0;                          ///< ns, the whole slice; with the last answer
  std::int64_t cpu = 0;
  std::int64_t now = 0;                          ///< steady clock, ns
};

struct pool_counts {
  std::uint64_t pending = 0, running = 0, done = 0, failed = 0, lost = 0, restarts = 0;
  std::uint64_t cancelled = 0, bytes_in = 0, bytes_out = 0;
};

/// What the shell has to do, once it has let go of the mutex.
struct effects {
  short_list<job_ptr, 8> completed;     ///< publish the outcome
  short_list<std::shared_ptr<mailbox>> wake;
  short_list<std::uint64_t> retire;     ///< workers that have done their share: stop them
  short_list<std::uint64_t> kill;       ///< workers to kill, for their task's sake
  bool drained = false;                 ///< closed, and nothing is left to do
  bool space = false;                   ///< submitters that wait for room may look again
  bool broken = false;                  ///< break_pool: a worker was lost
  void wake_once(const std::shared_ptr<mailbox>& m) {
    if (!wake.contains(m)) wake.push(m);
  }
};

struct pool_rules {
  std::size_t seats = 1;
  std::size_t max_pending = 0;
  std::size_t max_tasks_per_worker = 0;
  loss_rule on_loss = loss_rule::fail_task;
  int max_retries = 3;
  bool prefetch = true;       ///< false: a worker gets one slice at a time (it lives here)
};

class pool_state {
 public:
  explicit pool_state(pool_rules rules);

  // --- events ------------------------------------------------------------------------------
  bool open() const noexcept { return !closed_ && !broken_; }
  bool full() const noexcept;  ///< max_pending reached
  std::exception_ptr broken() const noexcept { return broken_; }
  /// Takes a job. If it comes too late, it ends at once, with closed_error or what broke the pool.
  void submit(const job_ptr& j, effects& fx);
  /// A worker has taken the seat and is ready for tasks.
  void ready(std::size_t seat, std::uint64_t worker, std::string name, int pid,
             std::shared_ptr<mailbox> box, effects& fx);
  /// Results of the oldest slice of a worker. False if this cannot be, so that the worker is to
  /// be killed for breaking the protocol.
  bool result(std::size_t seat, const answer& a, std::span<const std::byte> bytes, effects& fx);
  /// The same from a worker in this process, whose result needs no copy.
  bool result(std::size_t seat, const answer& a, buffer&& bytes, effects& fx);
  /// Whether such an answer could come from this seat now: what result() demands of it.
  bool expects(std::size_t seat, const answer& a) const noexcept;
  void ended(std::size_t seat, std::uint64_t worker, end_of_worker end, effects& fx);
  /// Now and then while anything is unfinished: what was given to a worker `overdue_ns` ago and
  /// still is not begun (it may be stopped, or its whole machine too busy) is given to others.
  /// False: nothing is unfinished, so it need not be called again before the next submit.
  bool look_after(std::int64_t now, effects& fx);
  /// True if the job will end as cancelled. `kill`: its worker may be killed for it.
  bool cancel(job& j, bool kill, effects& fx);
  /// The deadline of a slice is over: it ends with timeout_error. True: its worker must die.
  bool deadline(std::size_t seat, std::uint64_t worker, std::uint64_t id, effects& fx);
  /// No new work; what was accepted goes on.
  void close(effects& fx);
  /// Ends everything: what has not started is cancelled, what runs is doomed.
  void terminate(effects& fx);
  /// Ends everything with this error, for good.
  void break_pool(std::exception_ptr why, effects& fx);
  /// New number of seats. Seats beyond it close: they finish what they have.
  void resize(std::size_t seats, effects& fx);
  /// A worker that would wait for this job takes some of it to run it itself; false: nothing of
  /// it is waiting. What came of it is told by one of the next two.
  bool claim(job& j, slice& out);
  void ran_elsewhere(slice& s, const answer& a, buffer&& bytes, const std::string& worker, int pid,
                     effects& fx);
  void ran_elsewhere_failed(slice& s, std::exception_ptr error, effects& fx);

  // --- what one may ask --------------------------------------------------------------------
  job_phase phase_of(const job& j) const;
  pool_counts counts() const;
  const std::vector<seat>& seats() const noexcept { return seats_; }
  std::size_t target() const noexcept { return target_; }
  bool idle() const noexcept { return unfinished_ == 0; }
  /// Something would come of a submit at once: a worker has nothing to do, or it is too late.
  bool attentive() const noexcept { return !idle_.empty() || !open(); }
  std::uint64_t unfinished() const noexcept { return unfinished_; }
  bool closed() const noexcept { return closed_; }
  /// Terminated or broken: no task will be run any more.
  bool closed_for_good() const noexcept { return terminated_ || broken_ != nullptr; }

  // How much a worker is given ahead, in ns of work, and at most in slices.
  static constexpr std::int64_t ahead_ns = 100'000;
  static constexpr std::size_t most_ahead = 64;
  static constexpr std::int64_t chunk_ns = 1'000'000;
  static constexpr std::size_t chunk_bytes = 64 * 1024;
  static constexpr std::int64_t stale_ns = 1'000'000;
  static constexpr std::int64_t overdue_ns = 500'000'000;

 private:
  std::size_t window(const seat& s) const noexcept;
  std::uint32_t chunk(const job& j, std::uint32_t available, const seat& s) const noexcept;
  void give(std::size_t seat, slice s, effects& fx);
  void refill(std::size_t seat, effects& fx);
  void fill_idle(effects& fx);
  void not_idle(std::size_t seat);
  bool next_waiting(std::size_t seat, slice& out);
  void put_back(slice s);
  void returned(seat& s, std::uint64_t items) noexcept;
  static std::uint32_t not_begun(const slice& s) noexcept;
  static std::uint64_t spare(const seat& s) noexcept;
  void take_half(seat& from);
  bool steal();
  void take_back_stale(std::int64_t now, effects& fx);
  std::uint32_t take_back(slice& s, std::uint32_t keep, seat& from);
  void take_back_all(seat& from, std::size_t keep_slices);
  void settle_value(slice& s, const answer& a, buffer&& bytes, effects& fx);
  void settle_error(job& j, std::uint32_t first, std::uint32_t count, std::exception_ptr error,
                    effects& fx);
  void settled(job& j, std::uint32_t count, effects& fx);
  void cancel_after(job& j, std::uint32_t index, effects& fx);
  void lose(slice& s, std::uint32_t item, const end_of_worker& end, phase how_far, effects& fx);
  void lose_front(seat& s, slice& front, end_of_worker& end, effects& fx);
  static void forget_cursor(const slice& s) noexcept;
  bool after_slice(std::size_t seat, effects& fx);
  void end_all(std::exception_ptr error, bool cancelled, effects& fx);

  pool_rules rules_;
  std::size_t target_;
  std::vector<seat> seats_;
  std::vector<std::uint32_t> idle_;      // seats without work, the last to become so at the end
  std::vector<std::uint32_t> served_;    // of fill_idle, kept for its memory
  std::deque<slice> waiting_;            // not given to anybody; oldest first
  std::uint64_t waiting_items_ = 0;      // in waiting_ and the seats' keyed
  std::uint64_t given_items_ = 0;        // in all in_flight, less what was taken back
  std::size_t busy_ = 0;                 // seats with open items
  std::uint64_t unfinished_ = 0;         // accepted jobs that are not done
  std::uint64_t unsettled_items_ = 0;    // of all accepted jobs
  std::uint64_t next_job_ = 1;
  std::size_t next_look_ = 0;            // seat for the next stale check
  bool closed_ = false;
  bool terminated_ = false;
  std::exception_ptr broken_;
  pool_counts counts_;
};

}  // namespace troupe::detail
