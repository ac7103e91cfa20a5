// A worker that is a thread: a blocking actor of its own thread, whose mailbox holds one slice.

#include "runtime/park.hpp"
#include "runtime/run_slice.hpp"
#include "runtime/worker_factory.hpp"

#include <caf/blocking_actor.hpp>
#include <caf/send.hpp>

namespace troupe::detail {

namespace {

class thread_worker final : public worker,
                            public mailbox,
                            public std::enable_shared_from_this<thread_worker> {
 public:
  thread_worker(worker_spec s, std::shared_ptr<pool_core> pool)
      : worker(std::move(s)), pool_(std::move(pool)), self_(std::make_shared<worker_context>()) {
    self_->name = spec.name;
    self_->id = spec.id;
    self_->pid = current_process_id();
    self_->parent_pid = parent_process_id();
    self_->where = placement::thread;
    self_->pool = pool_.get();
    end.facts.worker = spec.name;
    end.facts.pid = self_->pid;
  }

  void start() {
    // Moved out of the function when it runs: the actor keeps the function as long as it lives
    // itself, and we keep the actor.
    actor_ = pool_->system().actors().spawn<caf::detached>(
        [self = shared_from_this()](caf::blocking_actor*) mutable {
          const auto me = std::move(self);
          const signals_blocked scope;  // the thread may be one of an actor system of the host's
          me->run();
        });
  }

  caf::actor_addr address() const override { return actor_.address(); }
  int pid() const override { return self_->pid; }

  // Whatever is done to it, a thread ends by itself or not at all.
  void apply(stop_action action) noexcept override {
    if (action != stop_action::ask) self_->stop_for_good();
    ring(leaving);
    if (action == stop_action::kill) leave_behind();
  }

  bool push(slice& s) override {
    cursor_.reset(s.count);
    s.cursor = &cursor_;
    next_ = s;
    return (bell_.fetch_or(given, std::memory_order_acq_rel) & asleep) != 0;
  }
  void wake() noexcept override { unpark_all(bell_); }

 private:
  static constexpr std::uint32_t given = 1, leaving = 2, asleep = 4;

  void ring(std::uint32_t what) noexcept {
    if ((bell_.fetch_or(what, std::memory_order_acq_rel) & asleep) != 0) unpark_all(bell_);
  }

  // The system can no longer be destroyed, and the supervisor must not wait: for both, the worker
  // is over. The thread itself goes on for as long as its task likes.
  void leave_behind() noexcept {
    if (over_.exchange(true)) return;
    pool_->system().left_behind();
    pool_->note("worker_left_behind", *this,
                "the thread of worker " + spec.name +
                    " ignores its stop token; it is left behind with its task");
    caf::anon_send(pool_->supervisor(), worker_abandoned{spec.id});
  }

  void run() {
    try {
      worker_scope scope{*self_};
      caf::anon_send(pool_->supervisor(), worker_spawned{spec.id});
      caf::anon_send(pool_->supervisor(), worker_said_hello{spec.id});
      try {
        if (pool_->options().initializer) pool_->options().initializer();
      } catch (...) {
        init_error = std::current_exception();
        return;
      }
      pool_->set_context(spec.seat, self_);
      pool_->ready(*this, shared_from_this());
      caf::anon_send(pool_->supervisor(), worker_ready{spec.id});
      serve();
    } catch (const std::exception& e) {
      ended_since(e.what());
    }
  }

  // Who is left behind is over already, and `end` is no longer its own.
  void ended_since(const char* why) {
    if (!over_.exchange(true)) end.facts.detail = why;
  }

  void serve() {
    for (;;) {
      auto b = bell_.load(std::memory_order_acquire);
      while ((b & (given | leaving)) == 0) {
        if (!bell_.compare_exchange_weak(b, b | asleep, std::memory_order_acq_rel)) continue;
        park(bell_, b | asleep);
        b = bell_.load(std::memory_order_acquire);
      }
      if ((b & given) == 0) return;
      bell_.fetch_and(~(given | asleep), std::memory_order_acq_rel);
      if (!run_one(std::exchange(next_, {}))) return;
    }
  }

  bool run_one(slice s) {
    auto& j = *s.what;
    answer a{.id = s.id};
    buffer out;
    buffer_sink to{out};
    self_->next_task();
    if (j.deadline.count() != 0) pool_->started(*this, s.id);
    clock_.start();
    bool told;
    keepers handles;
    {
      const running_job scope{*self_, j, cursor_};
      const keeping note{handles};
      if (j.prefix == 0 || s.first == 0) {
        told = run_slice(j.call, cursor_, whole_args(s), to, a);
      } else {
        buffer args;
        args.append(j.object_args());
        args.append(j.item_args(s.first, s.count));
        told = run_slice(j.call, cursor_, args.view(), to, a);
      }
    }
    clock_.stop(a);
    to.done();
    if (!handles.empty()) pool_->attach(spec.seat, s.id, std::move(handles));
    if (!told) {
      ended_since("out of memory");
      return false;
    }
    return pool_->result(spec.seat, a, std::move(out));
  }

  static std::span<const std::byte> whole_args(const slice& s) {
    if (s.what->prefix == 0) return s.what->item_args(s.first, s.count);
    const auto items = s.what->item_args(0, s.count);
    return s.what->args.view().first(s.what->prefix + items.size());
  }

  const std::shared_ptr<pool_core> pool_;
  const std::shared_ptr<worker_context> self_;
  caf::actor actor_;
  slice_cursor cursor_;
  slice next_;                           // written under the pool's mutex, then `given` is set
  std::atomic<std::uint32_t> bell_{0};   // given | leaving | asleep
  std::atomic<bool> over_{false};
  task_clock clock_;
};

class factory final : public worker_factory {
 public:
  explicit factory(std::shared_ptr<pool_core> pool) : pool_(std::move(pool)) {}
  std::shared_ptr<worker> start(worker_spec spec, const caf::actor&) override {
    return pool_->options().where == placement::thread
               ? start_thread_worker(std::move(spec), pool_)
               : start_process_worker(std::move(spec), pool_);
  }

 private:
  std::shared_ptr<pool_core> pool_;
};

}  // namespace

std::shared_ptr<worker> start_thread_worker(worker_spec spec, std::shared_ptr<pool_core> pool) {
  auto w = std::make_shared<thread_worker>(std::move(spec), std::move(pool));
  w->start();
  return w;
}

std::shared_ptr<worker_factory> make_factory(std::shared_ptr<pool_core> pool) {
  return std::make_shared<factory>(std::move(pool));
}

}  // namespace troupe::detail
