#include <troupe/worker.hpp>

#include "runtime/pool_core.hpp"

namespace troupe {

std::shared_ptr<detail::pool_core> detail::make_worker(const system& sys, const spawn_options& o) {
  return pool_core::make(sys.impl(),
                         {.workers = 1,
                          .where = o.where,
                          .name = o.name,
                          .memory_limit = o.memory_limit,
                          .grace = o.grace},
                         o.daemon ? crew::daemon : crew::worker);
}

detail::pool_core& any_worker::core() const {
  if (!core_) throw usage_error{"this worker was moved from"};
  return *core_;
}

const std::string& any_worker::name() const { return core().name(); }
int any_worker::pid() const { return core().pid(); }
placement any_worker::where() const { return core().options().where; }
bool any_worker::alive() const { return !core().over(); }
void any_worker::join() const { join(duration::max()); }
bool any_worker::join(duration timeout) const { return core().join(timeout); }
std::optional<exit_status> any_worker::exit_status() const { return core().status(); }
void any_worker::terminate() const { core().signal(detail::stop_action::terminate); }
void any_worker::kill() const { core().signal(detail::stop_action::kill); }

}  // namespace troupe
