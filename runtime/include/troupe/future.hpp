// future<T>: the handle of one task's outcome. It always ends, once.
#pragma once

#include <troupe/detail/gate.hpp>
#include <troupe/detail/typed_job.hpp>
#include <troupe/outcome.hpp>

#include <algorithm>
#include <coroutine>
#include <iterator>
#include <ranges>
#include <vector>

namespace troupe {

enum class future_state : std::uint8_t { pending, running, done, cancelled };
const char* to_string(future_state) noexcept;

struct kill_t {
  explicit kill_t() = default;
};
/// `f.cancel(troupe::kill)`: a running task too, at the price of its worker.
inline constexpr kill_t kill{};

/// What a task cost, and where.
struct receipt {
  std::string worker;
  int pid = 0;
  int attempts = 0;        ///< how often it was begun
  duration queued{0};      ///< from submit to its start
  duration ran{0};         ///< wall time in the worker
  duration cpu{0};         ///< CPU time of the worker's thread; for tasks under 20 µs taken from ran
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// Copyable: all copies share the outcome, which lives as long as the last of them, whatever
/// becomes of pool and system. Every member may be called from any thread. A default-constructed
/// or moved-from future has no outcome: its members throw usage_error.
template <class T>
class future {
 public:
  using value_type = T;

  future() = default;
  explicit future(detail::job_ref<detail::typed_job<T>> j) : job_(std::move(j)) {}

  bool valid() const noexcept { return static_cast<bool>(job_); }

  /// Blocks until it is done; throws what the task threw, or why it has no result. The reference
  /// lives as long as any copy of this future.
  decltype(auto) get() const& { return get(duration::max()); }
  T get() && { return std::move(*this).get(duration::max()); }
  /// The same, but throws timeout_error after so long; the task goes on, and get may be called
  /// again.
  decltype(auto) get(duration timeout) const& {
    need(timeout);
    return job_->value();
  }
  T get(duration timeout) && {
    need(timeout);
    return job_->take();
  }

  void wait() const { detail::wait(job(), duration::max()); }
  /// False: not within that time.
  bool wait_for(duration d) const { return detail::wait(job(), d); }

  future_state state() const { return detail::state_of(job()); }
  bool done() const { return job().done(); }
  bool running() const { return state() == future_state::running; }
  bool cancelled() const { return state() == future_state::cancelled; }

  /// Blocks until it is done; null if it has a value.
  std::exception_ptr error() const { return outcome().error(); }
  /// Blocks until it is done.
  troupe::outcome<T> outcome() const {
    wait();
    try {
      if constexpr (std::is_void_v<T>) {
        job_->value();
        return troupe::outcome<T>{std::monostate{}};
      } else if constexpr (std::is_copy_constructible_v<T>) {
        return troupe::outcome<T>{job_->value()};
      } else {
        return troupe::outcome<T>{job_->take()};
      }
    } catch (...) {
      return troupe::outcome<T>{std::current_exception()};
    }
  }

  /// Ends it with cancelled_error if it has not been started; false if it has (or is done).
  bool cancel() const { return detail::cancel(job(), false); }
  /// A running one in a process, too: its worker is killed and replaced.
  bool cancel(kill_t) const { return detail::cancel(job(), true); }

  /// Calls fn(future) once, when it is done: on the callback thread of its system, or at once,
  /// here, if it is done already. What fn throws there is told as an event (callback_failed).
  template <class Fn>
  void then(Fn&& fn) const {
    if (done()) {
      std::forward<Fn>(fn)(*this);
      return;
    }
    detail::call_when_done(job(), [self = *this, fn = std::forward<Fn>(fn)]() mutable { fn(self); });
  }

  /// Blocks until it is done.
  troupe::receipt receipt() const {
    wait();
    return detail::receipt_of(job());
  }
  /// What the task told by this_worker::progress, 0 to 1; 1 once it is done.
  double progress() const { return detail::progress_of(job()); }

  /// Same task; so that a future can be a key.
  friend bool operator==(const future& a, const future& b) { return a.job_ == b.job_; }
  std::size_t hash() const noexcept { return std::hash<const void*>{}(job_.get()); }

  /// `co_await f`: resumes on the callback thread of the system.
  auto operator co_await() const {
    struct awaiter {
      future self;
      bool await_ready() const { return self.done(); }
      void await_suspend(std::coroutine_handle<> h) const {
        detail::call_when_done(self.job(), [h] { h.resume(); });
      }
      T await_resume() { return future{self}.get_copy(); }
    };
    return awaiter{*this};
  }

  detail::typed_job<T>& job() const {
    if (!job_) throw usage_error{"this future is empty: it was moved from, or never had a task"};
    return *job_;
  }

 private:
  void need(duration timeout) const {
    if (!detail::wait(job(), timeout)) detail::throw_not_yet(job(), timeout);
  }
  T get_copy() {
    need(duration::max());
    return job_->take();
  }

  detail::job_ref<detail::typed_job<T>> job_;
};

// --- several futures -------------------------------------------------------------------------

/// An input range over futures in the order in which they end. Each is given once, however often
/// it is listed; those that are done already come first. After the timeout, counted from the
/// call, advancing throws timeout_error, which tells how many are unfinished.
template <class T>
class completed_range {
 public:
  completed_range(std::vector<future<T>> futures, duration timeout)
      : until_(detail::deadline_after(timeout)) {
    for (auto& f : futures)
      if (std::find(futures_.begin(), futures_.end(), f) == futures_.end())
        futures_.push_back(std::move(f));
    gate_ = std::make_unique<detail::gate>();
    for (std::size_t i = 0; i < futures_.size(); ++i) gate_->add(futures_[i].job(), i);
  }

  class iterator {
   public:
    using value_type = future<T>;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;
    iterator() = default;
    explicit iterator(completed_range* r) : range_(r) {}
    const future<T>& operator*() const { return range_->current_; }
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return range_ == nullptr || range_->over_; }

   private:
    completed_range* range_ = nullptr;
  };

  iterator begin() {
    if (!begun_) advance();
    return iterator{this};
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    begun_ = true;
    if (given_ == futures_.size()) {
      over_ = true;
      return;
    }
    const auto index = gate_->next(until_);
    if (!index) detail::throw_unfinished(futures_.size() - given_, futures_.size());
    current_ = futures_[*index];
    ++given_;
  }

  std::vector<future<T>> futures_;
  std::unique_ptr<detail::gate> gate_;
  detail::steady_deadline until_;
  future<T> current_;
  std::size_t given_ = 0;
  bool begun_ = false;
  bool over_ = false;
};

template <std::ranges::input_range Futures>
auto as_completed(Futures&& futures, duration timeout = duration::max()) {
  using F = std::ranges::range_value_t<Futures>;
  std::vector<F> list;
  for (auto&& f : futures) list.push_back(f);
  return completed_range<typename F::value_type>{std::move(list), timeout};
}

enum class return_when : std::uint8_t {
  first_completed,  ///< one at least has ended
  first_exception,  ///< one has ended with an error, or all have ended
  all_completed,
};

template <class T>
struct wait_result {
  std::vector<future<T>> done;
  std::vector<future<T>> not_done;
};

/// Blocks until what `when` says, or until the timeout: it does not throw for that. Both lists are
/// in the order given, without duplicates.
template <std::ranges::input_range Futures>
auto wait(Futures&& futures, return_when when = return_when::all_completed,
          duration timeout = duration::max()) {
  using F = std::ranges::range_value_t<Futures>;
  std::vector<F> list;
  for (auto&& f : futures)
    if (std::find(list.begin(), list.end(), f) == list.end()) list.push_back(f);
  const auto until = detail::deadline_after(timeout);
  detail::gate gate;
  for (std::size_t i = 0; i < list.size(); ++i) gate.add(list[i].job(), i);
  for (std::size_t seen = 0; seen < list.size(); ++seen) {
    const auto index = gate.next(until);
    if (!index || when == return_when::first_completed) break;
    if (when == return_when::first_exception && detail::has_error(list[*index].job())) break;
  }
  wait_result<typename F::value_type> r;
  for (auto& f : list) (f.done() ? r.done : r.not_done).push_back(f);
  return r;
}

}  // namespace troupe

template <class T>
struct std::hash<troupe::future<T>> {
  std::size_t operator()(const troupe::future<T>& f) const noexcept { return f.hash(); }
};
