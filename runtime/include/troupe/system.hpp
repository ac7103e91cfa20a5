// troupe::system: owns the actors; everything else is made in one.
#pragma once

#include <troupe/placement.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace caf {
class actor_system;
}

namespace troupe {

struct spawn_options;

namespace detail {
class system_impl;
}

/// Something that happened to a worker, for a log. The library itself prints nothing.
struct system_event {
  /// worker_started, worker_not_started, worker_lost, worker_left_behind, callback_failed
  std::string kind;
  std::string worker;  ///< its name; "" if it concerns none
  int pid = 0;
  std::string text;    ///< one line, in words
};

struct system_options {
  std::size_t scheduler_threads = 0;     ///< of the actor system, which runs no user code; 0: 1
  std::string worker_executable = {};    ///< program for worker processes; "": this one. It calls
                                         ///< troupe::init first and links the same functions
  std::function<void(const system_event&)> on_event = {};  ///< called one by one, by the thread that
                                                           ///< also calls what future::then was given
};

struct system_stats {
  std::size_t pools = 0;
  std::size_t workers = 0;   ///< of pools, and those that were spawned
  std::uint64_t done = 0;    ///< tasks that ended with a value, in pools that still exist
  std::uint64_t failed = 0;
  std::uint64_t events = 0;  ///< told or not
  std::uint64_t failed_callbacks = 0;
};

/// Owns an actor system, or lives in one that exists already (see <troupe/caf.hpp>). Any number
/// may exist at once. Everything made in it may outlive it: pools then are closed, workers over,
/// futures keep what they have.
class system {
 public:
  system() : system(system_options{}) {}
  /// Throws usage_error.
  explicit system(system_options options);
  system(system_options options, caf::actor_system& existing);
  system(system&&) noexcept = default;
  system& operator=(system&&) noexcept;
  /// Closes the pools, waits for what they accepted and for workers that are no daemons; then
  /// terminates the daemons. Blocks for that long.
  ~system();

  /// Starts a worker that calls F, or the object fn, with these arguments, and ends: a
  /// troupe::worker<R>. Everything about it is in <troupe/worker.hpp>, which must be included.
  /// `sys.spawn<serve>({.name = "service"}, 8080)`, `sys.spawn(greeter{"you"}, {})`. What can be
  /// called and sent is the same as for a pool. Arguments are encoded here: encode_error, and
  /// nothing was started. Blocks until the worker has reported that it exists. Throws usage_error
  /// (an option that cannot be, by its name), start_error, or closed_error once the system has
  /// ended.
  template <auto F>
  auto spawn();
  template <auto F, class... A>
  auto spawn(spawn_options options, const A&... args);
  template <class Fn>
  auto spawn(const Fn& fn);
  template <class Fn, class... A>
  auto spawn(const Fn& fn, spawn_options options, const A&... args);

  system_stats stats() const;

  const std::shared_ptr<detail::system_impl>& impl() const noexcept { return impl_; }

 private:
  std::shared_ptr<detail::system_impl> impl_;
};

}  // namespace troupe
