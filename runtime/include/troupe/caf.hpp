// For programs that use CAF themselves. The only public header that names it.
#pragma once

#include <troupe/system.hpp>

#include <caf/actor_system.hpp>

namespace troupe {

/// Runs Troupe inside an actor system that exists and outlives it: Troupe's actors are spawned
/// there, and no other is made. The scheduler policy "sharing" suits Troupe best.
inline system attach(caf::actor_system& existing, system_options options = {}) {
  return system{std::move(options), existing};
}

}  // namespace troupe
