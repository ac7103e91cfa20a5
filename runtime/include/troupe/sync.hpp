// mutex, condition, semaphore, event, barrier: between threads and processes alike.
//
// Each is a handle: copyable, and portable, so that it can be an argument of a task in any
// placement. The thing itself lives in the process that made it, as long as there is a handle, and
// ends with its system: then waiting ends with closed_error. Who holds something is a thread of a
// process; when that thread or process ends, however it ends, what it held is released. Waiting
// costs no CPU, and ends with cancelled_error when the waiting task is asked to stop. Members may
// be called from any thread. A default-constructed handle belongs to nothing: usage_error.
#pragma once

#include <troupe/detail/reference.hpp>
#include <troupe/portable.hpp>

#include <chrono>
#include <cstddef>

namespace troupe {

namespace detail {

/// A handle to one kind of object, and how it travels.
template <object_kind Kind>
class handle {
 public:
  handle() = default;
  friend bool operator==(const handle&, const handle&) = default;

  template <class Archive>
  void save(Archive& to) const {
    save_reference(to, Kind, ref_);
  }
  template <class Archive>
  void load(Archive& from) {
    ref_ = load_reference(from, Kind);
  }

 protected:
  explicit handle(object_ref ref) : ref_(std::move(ref)) {}
  object_ref ref_;
};

}  // namespace detail

/// Mutual exclusion; fits std::scoped_lock and std::unique_lock. Not recursive: to lock what one
/// holds throws would_deadlock. First come, first served.
class mutex : public detail::handle<detail::object_kind::mutex> {
 public:
  mutex() = default;
  explicit mutex(system& sys);

  void lock();
  bool try_lock();                        ///< false: somebody holds it
  bool try_lock_for(duration timeout);    ///< false: not within that time
  template <class Clock, class D>
  bool try_lock_until(const std::chrono::time_point<Clock, D>& when) {
    return try_lock_for(std::chrono::duration_cast<duration>(when - Clock::now()));
  }
  /// Throws usage_error if the calling thread does not hold it.
  void unlock();
  /// The last holder died holding it: what it protects may be half done. Until it is unlocked.
  /// Throws usage_error if the calling thread does not hold it.
  bool inherited() const;

 private:
  friend class condition;
};

/// What threads that hold a mutex wait for. As Python's Condition: every member but the
/// constructor needs the calling thread to hold the mutex, else usage_error.
class condition {
 public:
  condition() = default;
  explicit condition(const mutex& m);

  /// Releases the mutex, waits to be notified, and holds the mutex again: also if it throws
  /// cancelled_error. Nobody is woken without a notify; yet look again at what was waited for.
  void wait();
  /// False: not notified within that time.
  bool wait_for(duration timeout);
  template <class Predicate>
  void wait(Predicate&& holds) {
    while (!holds()) wait();
  }
  template <class Predicate>
  bool wait_for(duration timeout, Predicate&& holds) {
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (!holds())
      if (!wait_for(std::chrono::duration_cast<duration>(until - std::chrono::steady_clock::now())))
        return holds();
    return true;
  }
  void notify_one();
  void notify_all();

  template <class Archive>
  void serialize(Archive& archive) {
    archive(mutex_, number_);
  }
  friend bool operator==(const condition&, const condition&) = default;

 private:
  bool wait_until(std::chrono::steady_clock::time_point until);
  void notify(std::uint32_t how_many);
  mutex mutex_;
  std::uint64_t number_ = 0;
};

/// A number of permits. Who dies gives back what it has acquired and not released.
class semaphore : public detail::handle<detail::object_kind::semaphore> {
 public:
  semaphore() = default;
  semaphore(system& sys, std::size_t permits);

  void acquire();
  bool try_acquire();
  bool try_acquire_for(duration timeout);
  /// A permit that the caller acquired; else the one acquired first; else one more than before.
  void release();
  std::size_t available() const;  ///< free permits: a hint, as others may take them
};

/// A flag to wait for.
class event : public detail::handle<detail::object_kind::event> {
 public:
  event() = default;
  explicit event(system& sys);  ///< not set

  void set();    ///< wakes all that wait
  void clear();
  bool is_set() const;
  void wait();   ///< returns at once while it is set
  bool wait_for(duration timeout);  ///< false: not set within that time
};

/// Threads that wait for each other: when `parties` have arrived all go on, and it is as new. If
/// one of those that wait dies, is asked to stop, times out, or anybody calls abort(), it is broken
/// for all (broken_barrier) until reset(). As Python's Barrier.
class barrier : public detail::handle<detail::object_kind::barrier> {
 public:
  barrier() = default;
  /// Throws usage_error for 0.
  barrier(system& sys, std::size_t parties);

  /// Its index of arrival, from 0: one of them can be told from the others.
  std::size_t arrive_and_wait();
  /// Breaks the barrier, and throws broken_barrier, if the others do not come in time.
  std::size_t arrive_and_wait(duration timeout);
  void abort();
  void reset();                  ///< as new; whoever waits gets broken_barrier
  std::size_t waiting() const;   ///< a hint
};

}  // namespace troupe
