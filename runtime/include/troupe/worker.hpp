// worker: one function in a thread or a process of its own, as an object. What Python has as
// Process and Thread; a pool is many of them that call many functions.
#pragma once

#include <troupe/pool.hpp>

#include <optional>

namespace troupe {

/// What a worker is to be. The placement is one word: the rest of the program stays as it is.
struct spawn_options {
  /// What this_worker::name() says in it, letter for letter, and what errors and events call it.
  /// Need not be unique. "": process-1, thread-2 …, counted up over all placements of a system.
  std::string name = {};
  /// As for a pool. `inline_` runs the function inside spawn, in the caller's thread: for
  /// debugging and tests; spawn then returns a worker that has ended.
  placement where = placement::process;
  /// What the end of the system means for it. false: the end waits for it, however long it
  /// takes. true: once pools and all other workers have ended, so that it can serve them to the
  /// last, it is terminated: a process by SIGTERM and, after `grace`, SIGKILL; a thread by its
  /// stop token and, after `grace`, left behind (event worker_left_behind). In CPython daemons
  /// end before the others are joined (multiprocessing/util.py, _exit_function).
  bool daemon = false;
  /// Bytes of data of a worker process, at least 8 MiB; 0: no limit. A thread cannot have one.
  std::size_t memory_limit = 0;
  /// How long one that was told to end may take: a daemon at the end of its system, and a process
  /// whose function has returned for what the program does at exit.
  duration grace = std::chrono::seconds{5};
};

/// A worker without the type of its result, so that different ones can lie in one container.
///
/// A handle: dropping it leaves the worker running, as in Python. Movable, not copyable. Every
/// member but the move may be called from any thread, at any time, any number of times, also when
/// the worker or its system has ended; a handle that was moved from throws usage_error. Only
/// join() blocks.
class any_worker {
 public:
  any_worker(any_worker&&) noexcept = default;
  any_worker& operator=(any_worker&&) noexcept = default;

  const std::string& name() const;
  /// Of its process, also when that is over; for a thread the number of this process.
  int pid() const;
  placement where() const;

  /// True from spawn on, until the process is reaped or the thread is over: longer than its
  /// function runs, by a moment. A thread that was left behind counts as over.
  bool alive() const;

  /// Blocks until it is over, so that then alive() is false and exit_status() is known. Throws
  /// would_deadlock in the worker itself. It says nothing about success: see result().
  void join() const;
  /// The same for so long at most; false: it is still alive.
  bool join(duration timeout) const;

  /// Empty while it is alive. Then, by the rules of CPython (multiprocessing/process.py,
  /// _bootstrap): code 0 if the function returned; 1 if an exception left it; n after
  /// std::exit(n), whose 0 is no success: result() is worker_lost; else the signal that ended the
  /// process. `known` is false for a thread that was left behind, and if the host reaps children
  /// that are not its own.
  std::optional<troupe::exit_status> exit_status() const;

  /// A process gets SIGTERM, which ends it unless its code catches or ignores that; there is no
  /// second step, and no wait. In a thread the stop token is set, this_worker::stop_token(), and
  /// nothing happens unless its code looks. No effect on a worker that is over.
  void terminate() const;
  /// A process gets SIGKILL, with all its process group: nothing of it stays. A thread cannot be
  /// killed: the same as terminate().
  void kill() const;

 protected:
  explicit any_worker(std::shared_ptr<detail::pool_core> core) : core_(std::move(core)) {}

 private:
  detail::pool_core& core() const;
  std::shared_ptr<detail::pool_core> core_;
};

/// A worker whose function returns an R; made by system::spawn.
template <class R>
class worker : public any_worker {
 public:
  worker(std::shared_ptr<detail::pool_core> core, future<R> result)
      : any_worker(std::move(core)), result_(std::move(result)) {}

  /// What the function returned or threw; or worker_lost, if the worker ended without either:
  /// that tells how. It is done as soon as the function has ended, shortly before join() returns,
  /// and lives on whatever becomes of worker and system. A future as any other: it can be waited
  /// for with others, and cancel(troupe::kill) kills the process.
  const future<R>& result() const noexcept { return result_; }

 private:
  future<R> result_;
};

namespace detail {

/// A pool for one call: submitting it starts the worker.
std::shared_ptr<pool_core> make_worker(const system& sys, const spawn_options& options);

template <class Target, class... A>
auto spawn_call(const system& sys, const spawn_options& options, const Target& target,
                const A&... args) {
  auto core = make_worker(sys, options);
  auto result = submit_call(*core, target, {}, args...);
  using R = typename decltype(result)::value_type;
  return worker<R>{std::move(core), std::move(result)};
}

}  // namespace detail

template <auto F>
auto system::spawn() {
  return detail::spawn_call(*this, {}, detail::static_target<F>{});
}
template <auto F, class... A>
auto system::spawn(spawn_options options, const A&... args) {
  return detail::spawn_call(*this, options, detail::static_target<F>{}, args...);
}
template <class Fn>
auto system::spawn(const Fn& fn) {
  return detail::spawn_call(*this, {}, detail::object_target<Fn>{fn});
}
template <class Fn, class... A>
auto system::spawn(const Fn& fn, spawn_options options, const A&... args) {
  return detail::spawn_call(*this, options, detail::object_target<Fn>{fn}, args...);
}

}  // namespace troupe
