#pragma once

#include <troupe/callable.hpp>
#include <troupe/detail/keeping.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

using duration = std::chrono::nanoseconds;

namespace detail {

class job;

/// Called once when a job is done, by the thread that ended it, which holds no lock. Must be
/// quick and must not throw: what runs user code hands it to the callback actor.
struct done_node {
  void (*run)(done_node*, job&) noexcept;
  done_node* next = nullptr;
};

/// Results of consecutive items of a job, or the one error that they all ended with.
struct segment {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  buffer bytes;              // item_status, value, item_status, value …
  std::exception_ptr error;  // if set, instead of bytes
};

/// What a receipt tells; durations in ns.
struct job_receipt {
  std::string worker;
  int pid = 0;
  int attempts = 0;
  std::int64_t accepted = 0;  // steady clock
  std::int64_t queued = 0;
  std::int64_t ran = 0;
  std::int64_t cpu = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// How far a job is, for future::state().
enum class job_phase : std::uint8_t { pending, running, over };

/// The pool, as far as its jobs need it.
class job_owner {
 public:
  /// Another reason for it to live; null if it is ending.
  virtual std::shared_ptr<job_owner> keep() noexcept = 0;
  virtual job_phase phase_of(job&) = 0;
  /// Ends what has not been started; with `kill` what has been started in a process, too.
  virtual bool cancel(job&, bool kill) = 0;
  /// The calling thread is a worker of this very pool and would block for the job: it runs what
  /// of it is still waiting instead.
  virtual void help(job&) = 0;
  /// As the running task told it, 0 to 1.
  virtual double progress_of(job&) = 0;
  /// Runs user code where it may block and throw.
  virtual void call_back(std::function<void()> fn) = 0;

 protected:
  ~job_owner() = default;
};

/// One accepted submit or map: the calls to make, and the state that its futures share. The pool
/// cuts it into slices; it is done when every item has its result or its error.
class job {
 public:
  // --- what is to be done; not changed after submit
  const callable_entry* call = nullptr;
  buffer args;                         ///< of the function object, if any, then of each item
  std::uint32_t prefix = 0;            ///< bytes of the function object
  std::uint32_t items = 1;
  std::uint32_t max_chunk = slice_cursor::max_items;
  std::vector<std::uint64_t> offsets;  ///< of the items in args; empty for one item
  duration deadline{0};                ///< 0: none; of one item, from its start
  int retries = -1;                    ///< -1: as the pool says
  std::uint64_t key = 0;               ///< 0: none; hash of call_options::key
  bool stop_at_error = false;          ///< a failed item cancels what has not been started

  keepers keep;                        ///< what handles in args refer to; until it is done
  job* next = nullptr;                 ///< in the pool's inbox

  // --- in the pool, under its mutex
  std::uint64_t id = 0;
  std::uint32_t unsettled = 0;              ///< items without an outcome
  std::uint32_t lowest_error = ~0U;         ///< index of the first failed item
  bool cancelled = false;                   ///< by its owner: nothing more of it may start
  std::int64_t item_ns = 0;                 ///< what an item takes, as measured; 0: unknown yet
  std::uint64_t seat = 0;                   ///< worker it was last given to (single items)
  slice_cursor* cursor = nullptr;           ///< where that worker shows whether it has begun
  std::vector<std::pair<std::uint32_t, int>> losses;  ///< items that took workers down; how many

  // --- the outcome; written before done() is published
  std::vector<segment> segments;       ///< of a job of several items, in order once it is done
  buffer result;                       ///< of a single item: status and value
  std::exception_ptr error;            ///< of a single item, if the host made it
  bool was_cancelled = false;
  keepers result_keep;                 ///< what handles in the results refer to
  job_receipt receipt;

  // --- shared life
  explicit job(job_owner* owner) noexcept : owner_(owner) {}
  job(const job&) = delete;
  job& operator=(const job&) = delete;
  virtual ~job() = default;

  void retain() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  bool done() const noexcept { return (state.load(std::memory_order_acquire) & is_done) != 0; }

  /// The argument bytes of items [first, first + count).
  std::span<const std::byte> item_args(std::uint32_t first, std::uint32_t count) const noexcept {
    if (offsets.empty()) return args.view().subspan(prefix);
    const auto from = offsets[first];
    const auto to = first + count < items ? offsets[first + count] : args.size();
    return args.view().subspan(from, to - from);
  }
  std::span<const std::byte> object_args() const noexcept { return args.view().first(prefix); }

  /// The pool it is in; null if the job is done. (The pool outlives its unfinished jobs, and
  /// waits, once they are done, for those who are in here: see finish().)
  std::shared_ptr<job_owner> owner() noexcept {
    auto s = state.load(std::memory_order_acquire);
    do {
      if ((s & is_done) != 0) return nullptr;
    } while (!state.compare_exchange_weak(s, s + one_pin, std::memory_order_acq_rel));
    auto o = owner_->keep();
    state.fetch_sub(one_pin, std::memory_order_release);
    return o;
  }
  /// Only to compare with.
  job_owner* owner_address() const noexcept { return owner_; }

  static constexpr std::uint32_t is_done = 1, has_waiters = 2, one_pin = 4;
  std::atomic<std::uint32_t> state{0};             ///< is_done | has_waiters | pins
  std::atomic<done_node*> on_done{nullptr};        ///< closed with a mark of its own when done

 private:
  std::atomic<std::uint32_t> refs_{1};
  job_owner* owner_;
};

/// Counted reference to a job.
template <class J = job>
class job_ref {
 public:
  job_ref() noexcept = default;
  static job_ref adopt(J* j) noexcept { return job_ref{j}; }
  static job_ref share(J* j) noexcept {
    if (j != nullptr) j->retain();
    return job_ref{j};
  }
  job_ref(const job_ref& o) noexcept : job_(o.job_) {
    if (job_ != nullptr) job_->retain();
  }
  job_ref(job_ref&& o) noexcept : job_(std::exchange(o.job_, nullptr)) {}
  job_ref& operator=(job_ref o) noexcept {
    std::swap(job_, o.job_);
    return *this;
  }
  ~job_ref() {
    if (job_ != nullptr) job_->release();
  }
  J* get() const noexcept { return job_; }
  J* operator->() const noexcept { return job_; }
  J& operator*() const noexcept { return *job_; }
  explicit operator bool() const noexcept { return job_ != nullptr; }
  J* leak() noexcept { return std::exchange(job_, nullptr); }
  friend bool operator==(const job_ref&, const job_ref&) = default;

 private:
  explicit job_ref(J* j) noexcept : job_(j) {}
  J* job_ = nullptr;
};
using job_ptr = job_ref<job>;


}  // namespace detail
}  // namespace troupe
