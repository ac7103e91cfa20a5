// The supervisor of a pool: starts workers, hears of their ends, replaces them, stops them. It is
// the control plane: tasks and results pass it by.
#pragma once

#include "actors/restart.hpp"
#include "actors/worker.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

namespace troupe::detail {

/// The pool, as its supervisor sees it. Called on the supervisor's thread; must not block.
class pool_shell {
 public:
  virtual ~pool_shell() = default;
  /// The tasks of this worker are lost, or wait for another.
  virtual void worker_ended(const worker& w) = 0;
  /// It exists, and has its pid.
  virtual void spawned(const worker& w) = 0;
  /// No worker can be had any more; every task ends with this.
  virtual void give_up(std::exception_ptr why) = 0;
  /// The deadline of a slice is over. True: its worker must die for it.
  virtual bool deadline(std::size_t seat, std::uint64_t worker, std::uint64_t slice) = 0;
  /// Once in a while; false: not again before the next look_after_tasks.
  virtual bool look_after() = 0;
  /// Every worker was started and one has reported; or the first that could not be.
  virtual void started(std::exception_ptr failure) = 0;
  /// All workers are gone and none will come.
  virtual void stopped() = 0;
  virtual void note(const char* what, const worker& w, const std::string& text) = 0;
};

struct supervisor_options {
  std::size_t workers = 1;
  std::string name = {};  ///< of the pool: workers are NAME-1, NAME-2 …
  bool once = false;         ///< one worker, called NAME, which is not replaced
  std::string program = {};  ///< that worker processes run, to be told in errors
  restart_limit restarts = {};
  duration grace = std::chrono::seconds{5};
  duration start_deadline = std::chrono::seconds{30};  ///< until a worker must be ready
};

// --- what it is told; from any thread, by caf::anon_send ------------------------------------
struct start_pool {};                               ///< begin: it does nothing before
struct worker_spawned { std::uint64_t id; };        ///< its process or thread exists
struct worker_said_hello { std::uint64_t id; };     ///< and speaks our protocol
struct worker_ready { std::uint64_t id; };          ///< and its initializer is done
struct worker_abandoned { std::uint64_t id; };      ///< a thread that will not end: forget it
struct retire_worker { std::uint64_t id; };         ///< it has done its share: stop it politely
struct kill_worker { std::uint64_t id; };           ///< for its task's sake
struct watch_deadline { std::uint64_t id; std::size_t seat; std::uint64_t slice; duration in; };
struct signal_workers { stop_action action; };      ///< terminate or kill: that, and no more
struct look_after_tasks {};                         ///< call shell.look_after() now and then
struct pool_drained {};                             ///< closed, nothing left to do
struct pool_terminated {};
struct pool_resized { std::size_t workers; };
struct pool_gave_up {};                             ///< broken by a loss, by its own rule

/// Send it start_pool{}. Ends by itself after shell.stopped().
caf::actor spawn_supervisor(caf::actor_system& system, supervisor_options options,
                            std::shared_ptr<worker_factory> factory,
                            std::shared_ptr<pool_shell> shell);

}  // namespace troupe::detail

#define TROUPE_LOCAL_MESSAGE(NAME) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::NAME)
TROUPE_LOCAL_MESSAGE(start_pool)
TROUPE_LOCAL_MESSAGE(worker_abandoned)
TROUPE_LOCAL_MESSAGE(worker_spawned)
TROUPE_LOCAL_MESSAGE(worker_said_hello)
TROUPE_LOCAL_MESSAGE(worker_ready)
TROUPE_LOCAL_MESSAGE(retire_worker)
TROUPE_LOCAL_MESSAGE(kill_worker)
TROUPE_LOCAL_MESSAGE(watch_deadline)
TROUPE_LOCAL_MESSAGE(signal_workers)
TROUPE_LOCAL_MESSAGE(look_after_tasks)
TROUPE_LOCAL_MESSAGE(pool_drained)
TROUPE_LOCAL_MESSAGE(pool_terminated)
TROUPE_LOCAL_MESSAGE(pool_resized)
TROUPE_LOCAL_MESSAGE(pool_gave_up)
#undef TROUPE_LOCAL_MESSAGE
