// The seam between who decides (the supervisor) and where workers live (a placement in runtime/).
#pragma once

#include "actors/pool_state.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <memory>
#include <span>
#include <string>

namespace troupe::detail {

/// What one does to end a worker, from polite to certain.
enum class stop_action : std::uint8_t {
  ask,        ///< to finish what it has and leave
  terminate,  ///< process: SIGTERM; thread: set the stop token of what it runs
  kill,       ///< process: SIGKILL, to it and its process group; thread: leave it behind
};

/// One step of a stop plan: do this, give it so long.
struct stop_step {
  stop_action action;
  bool grace;  ///< followed by the pool's grace period; else by nothing, it cannot fail
};
inline constexpr stop_step stop_politely[] = {
    {stop_action::ask, true}, {stop_action::terminate, true}, {stop_action::kill, false}};
inline constexpr stop_step stop_firmly[] = {{stop_action::terminate, true},
                                            {stop_action::kill, false}};
inline constexpr stop_step stop_at_once[] = {{stop_action::kill, false}};
using stop_plan = std::span<const stop_step>;

struct worker_spec {
  std::uint64_t id = 0;  ///< of this incarnation; never used again in the pool
  std::size_t seat = 0;
  std::string name;
};

/// One worker, as its supervisor holds it. Its actor (the worker itself, or the proxy that owns
/// its process) is monitored; that actor's end is the worker's end, and there is no other news of
/// it: whatever went wrong has been written to `end` before.
class worker {
 public:
  virtual ~worker() = default;
  virtual caf::actor_addr address() const = 0;
  virtual int pid() const = 0;
  virtual void apply(stop_action action) noexcept = 0;

  const worker_spec spec;
  end_of_worker end;               ///< valid once the actor has ended
  std::exception_ptr init_error;   ///< valid once the actor has ended: the initializer threw
  std::exception_ptr start_error;  ///< valid once the actor has ended: it could not be started

 protected:
  explicit worker(worker_spec s) : spec(std::move(s)) {}
};

/// Makes workers of one kind for one pool.
class worker_factory {
 public:
  virtual ~worker_factory() = default;
  /// Does not wait until the worker runs. Throws start_error.
  virtual std::shared_ptr<worker> start(worker_spec spec, const caf::actor& supervisor) = 0;
};

}  // namespace troupe::detail
