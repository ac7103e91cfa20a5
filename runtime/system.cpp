#include "runtime/object.hpp"
#include "runtime/pool_core.hpp"
#include "runtime/worker_factory.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <utility>

namespace troupe::detail {

namespace {

struct callback_message {
  std::function<void()> run;
};
struct last_callback {};

thread_local const system_impl* callbacks_of = nullptr;

}  // namespace
}  // namespace troupe::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::callback_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::last_callback)

namespace troupe {

namespace detail {

// "sharing": the other policy polls, and answers ten times as late (runtime/README.md).
system_impl::system_impl(system_options options, caf::actor_system* existing)
    : options_(std::move(options)), actors_(existing) {
  if (options_.scheduler_threads > 256)
    throw usage_error{"system_options.scheduler_threads is " +
                      std::to_string(options_.scheduler_threads) + ", at most 256 make sense"};
  if (existing != nullptr) return;
  config_ = std::make_unique<caf::actor_system_config>();
  config_->set("scheduler.policy", caf::atom("sharing"));
  config_->set("scheduler.max-threads", std::max<std::size_t>(options_.scheduler_threads, 1));
  const actor_visit visit{nullptr};
  own_ = std::make_unique<caf::actor_system>(*config_);
  actors_ = own_.get();
}

system_impl::~system_impl() { shutdown(); }

void system_impl::require_worker_program() const {
  if (std::getenv(worker_variable) != nullptr)  // troupe::init would have taken it away
    throw usage_error{
        "this process was started as a worker and has not reached troupe::init: a pool that is "
        "made before main, or by a worker_executable without init, would start processes without "
        "end"};
  if (!options_.worker_executable.empty() || init_was_called()) return;
  throw usage_error{
      "worker processes run this program again, and its main does not let them in: make\n"
      "    troupe::init(argc, argv);\n"
      "the first line of main, or name a program that does in system_options.worker_executable"};
}

reactor& system_impl::io() {
  const std::lock_guard hold{mutex_};
  if (!reactor_) reactor_ = std::make_unique<reactor>();
  return *reactor_;
}

spawner& system_impl::starter() {
  const std::lock_guard hold{mutex_};
  if (!spawner_) spawner_ = std::make_unique<spawner>();
  return *spawner_;
}

std::string system_impl::next_pool_name() {
  const std::lock_guard hold{mutex_};
  return "pool-" + std::to_string(++pools_made_);
}

std::string system_impl::next_worker_name(placement where) {
  const std::lock_guard hold{mutex_};
  return std::string{to_string(where)} + "-" + std::to_string(++workers_named_);
}

void system_impl::enter(const std::shared_ptr<pool_core>& pool) {
  const std::lock_guard hold{mutex_};
  if (closed_) throw closed_error{"the system has ended: no pool and no worker can be started in it"};
  std::erase_if(pools_, [](const auto& p) { return p.expired(); });
  pools_.push_back(pool);
}

void system_impl::require_open() {
  const std::lock_guard hold{mutex_};
  if (closed_) throw closed_error{"the system has ended: nothing can be made in it"};
}

// User code may block and may throw: it gets an actor, and so a thread, of its own.
caf::actor system_impl::callback_actor() {
  const std::lock_guard hold{mutex_};
  if (callbacks_ || shut_down_) return callbacks_;
  const actor_visit visit{&actors_->logger()};
  callbacks_ = actors_->spawn<caf::detached>([this](caf::event_based_actor* self) -> caf::behavior {
    callbacks_of = this;
    return {[](callback_message& m) { m.run(); },
            [self](last_callback) {
              callbacks_of = nullptr;
              self->quit();
            }};
  });
  return callbacks_;
}

void system_impl::call_back(std::function<void()> fn) {
  auto guarded = [this, fn = std::move(fn)] {
    std::string failure;
    try {
      fn();
      return;
    } catch (const std::exception& e) {
      failure = e.what();
    } catch (...) {
      failure = "unknown exception";
    }
    ++failed_callbacks_;
    tell({"callback_failed", "", 0, "a callback threw: " + failure});
  };
  if (const auto actor = callback_actor()) caf::anon_send(actor, callback_message{std::move(guarded)});
  else guarded();
}

void system_impl::tell(system_event e) {
  ++events_;
  if (!options_.on_event) return;
  const auto actor = callback_actor();
  if (!actor) return;
  caf::anon_send(actor, callback_message{[this, e = std::move(e)] {
                   try {
                     options_.on_event(e);
                   } catch (...) {
                     ++failed_callbacks_;  // whom could it be told?
                   }
                 }});
}

bool system_impl::on_callback_thread() const noexcept { return callbacks_of == this; }

system_stats system_impl::stats() {
  std::vector<std::shared_ptr<pool_core>> pools;
  {
    const std::lock_guard hold{mutex_};
    for (const auto& p : pools_)
      if (auto pool = p.lock()) pools.push_back(std::move(pool));
  }
  system_stats s;
  s.events = events_;
  s.failed_callbacks = failed_callbacks_;
  for (const auto& p : pools) {
    const auto t = p->stats();
    s.pools += p->is_pool() ? 1 : 0;
    s.workers += t.workers.size();
    s.done += t.done;
    s.failed += t.failed;
  }
  return s;
}

// Pools and workers first, as tasks need everything else, daemons after all those whom they may
// serve; then callbacks, as they may be about tasks; then the threads that served processes; then
// the actors' own.
void system_impl::shutdown() {
  std::vector<std::shared_ptr<pool_core>> pools;
  {
    const std::lock_guard hold{mutex_};
    if (std::exchange(closed_, true)) return;
    for (const auto& p : pools_)
      if (auto pool = p.lock()) pools.push_back(std::move(pool));
  }
  for (const auto& p : pools) p->close();
  for (const auto& p : pools)
    if (!p->is_daemon()) p->join(duration::max());
  for (const auto& p : pools)
    if (p->is_daemon()) p->stop_firmly();
  for (const auto& p : pools) p->join(duration::max());
  pools.clear();
  object::end_all(this);
  caf::actor callbacks;
  {
    const std::lock_guard hold{mutex_};
    shut_down_ = true;
    callbacks = std::exchange(callbacks_, {});
  }
  if (callbacks) {
    caf::anon_send(callbacks, last_callback{});
    callbacks = {};
  }
  spawner_.reset();
  reactor_.reset();
  if (left_behind_) {
    // A thread still runs inside it, so it cannot be destroyed: it is given up, with its threads.
    [[maybe_unused]] auto* given_up = own_.release();
    [[maybe_unused]] auto* its_config = config_.release();
  }
  own_.reset();
}

}  // namespace detail

system::system(system_options options)
    : impl_(std::make_shared<detail::system_impl>(std::move(options), nullptr)) {}

system::system(system_options options, caf::actor_system& existing)
    : impl_(std::make_shared<detail::system_impl>(std::move(options), &existing)) {}

system& system::operator=(system&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}

// From one of its own callbacks the end cannot be waited for: somebody else does.
system::~system() {
  if (!impl_) return;
  if (impl_->on_callback_thread())
    detail::start_thread("troupe-end", [impl = impl_] { impl->shutdown(); }).detach();
  else
    impl_->shutdown();
}

system_stats system::stats() const { return impl_->stats(); }

}  // namespace troupe
