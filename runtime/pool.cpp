#include <troupe/pool.hpp>

#include "runtime/pool_core.hpp"
#include "serialization/frame.hpp"

namespace troupe {

namespace detail {

job_owner* address_of(pool_core& pool) noexcept { return &pool; }

namespace {

void require_size(const job& j) {
  if (j.args.size() > default_max_frame - 64)
    throw encode_error{"the arguments take " + std::to_string(j.args.size()) +
                       " bytes, a message at most " + std::to_string(default_max_frame)};
}

}  // namespace

void submit(pool_core& pool, const callable_entry& call, const call_options& options,
            const job_ptr& job) {
  if (options.deadline <= duration::zero())
    throw usage_error{"call_options.deadline must be positive"};
  if (options.retries < -1) throw usage_error{"call_options.retries is negative"};
  require_size(*job);
  job->call = &call;
  if (options.deadline != duration::max()) job->deadline = options.deadline;
  job->retries = options.retries;
  if (!options.key.empty()) job->key = std::hash<std::string>{}(options.key) | 1;
  pool.submit(job);
}

void submit_map(pool_core& pool, const callable_entry& call, const job_ptr& job,
                std::size_t items) {
  if (items > ~std::uint32_t{0})
    throw usage_error{"a map of " + std::to_string(items) + " items: use imap for so many"};
  job->call = &call;
  job->items = static_cast<std::uint32_t>(items);
  job->stop_at_error = true;
  if (items == 1) job->offsets.clear();
  if (items != 0) return pool.submit(job);
  pool.require_open();
  job->items = 2;  // not one: its outcome is the segments, and there are none
  finish(*job);
}

}  // namespace detail

pool::pool(system& sys, pool_options options)
    : core_(detail::pool_core::make(sys.impl(), std::move(options))) {
  core_->start();
}

pool& pool::operator=(pool&& other) noexcept {
  pool old{std::move(*this)};
  core_ = std::move(other.core_);
  return *this;
}

pool::~pool() {
  if (!core_) return;
  core_->close();
  const auto* self = detail::current_worker;
  if (self == nullptr || self->pool != core_.get()) core_->join(duration::max());
}

detail::pool_core& pool::core() const {
  if (!core_) throw usage_error{"this pool was moved from"};
  return *core_;
}

void pool::close() { core().close(); }
void pool::terminate() { core().terminate(); }
void pool::join() { join(duration::max()); }
bool pool::join(duration timeout) {
  if (!core().closed()) throw usage_error{"pool::join: the pool is still open; close() it first"};
  return core().join(timeout);
}
void pool::resize(std::size_t workers) { core().resize(workers); }
pool_stats pool::stats() const { return core().stats(); }
const std::string& pool::name() const { return core().name(); }

}  // namespace troupe
