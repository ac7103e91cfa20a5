// What a system is made of. The one private system header that names CAF.
#pragma once

#include "runtime/reactor.hpp"
#include "runtime/spawner.hpp"

#include <troupe/system.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/actor.hpp>
#include <caf/logger.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace troupe::detail {

class pool_core;

/// True once init() was called here, so that this program can be its own worker program.
bool init_was_called() noexcept;

/// Around whatever spawns an actor in a thread that is not CAF's. A thread that CAF starts for it
/// inherits the mask: it takes no signals of the host's. And CAF leaves a reference to the
/// actor system's logger in the thread, and ~actor_system waits until the last of them is gone:
/// it would wait for ever if that thread lives on.
class actor_visit {
 public:
  explicit actor_visit(const caf::logger* of_system)
      : at_home_(of_system != nullptr && caf::logger::current_logger() == of_system) {}
  ~actor_visit() {
    if (!at_home_) caf::logger::set_current_actor_system(nullptr);
  }
  actor_visit(const actor_visit&) = delete;
  actor_visit& operator=(const actor_visit&) = delete;

 private:
  const signals_blocked signals_;
  const bool at_home_;  // it was there before, and for a reason: one of the system's own threads
};

class system_impl : public std::enable_shared_from_this<system_impl> {
 public:
  system_impl(system_options options, caf::actor_system* existing);
  ~system_impl();
  system_impl(const system_impl&) = delete;
  system_impl& operator=(const system_impl&) = delete;

  caf::actor_system& actors() noexcept { return *actors_; }
  const system_options& options() const noexcept { return options_; }
  /// Throws usage_error unless worker processes can be started.
  void require_worker_program() const;

  /// Made on first use; live until shutdown.
  reactor& io();
  spawner& starter();

  std::string next_pool_name();
  std::string next_worker_name(placement where);
  /// Throws closed_error after shutdown.
  void require_open();
  void enter(const std::shared_ptr<pool_core>& pool);

  /// Runs user code on the callback actor, in order. What it throws is told as an event.
  void call_back(std::function<void()> fn);
  void tell(system_event e);
  /// A thread that ignores its stop token: the actor system cannot be destroyed while it runs.
  void left_behind() noexcept { left_behind_ = true; }

  system_stats stats();
  /// Idempotent; from any thread, even the callback actor's.
  void shutdown();
  bool on_callback_thread() const noexcept;

 private:
  caf::actor callback_actor();

  const system_options options_;
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> own_;
  caf::actor_system* actors_;

  std::mutex mutex_;
  std::unique_ptr<reactor> reactor_;
  std::unique_ptr<spawner> spawner_;
  std::vector<std::weak_ptr<pool_core>> pools_;
  caf::actor callbacks_;
  std::uint64_t pools_made_ = 0;
  std::uint64_t workers_named_ = 0;
  bool closed_ = false;
  bool shut_down_ = false;
  std::atomic<bool> left_behind_{false};
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> failed_callbacks_{0};
};

}  // namespace troupe::detail
