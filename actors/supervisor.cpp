#include "actors/supervisor.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <map>

namespace troupe::detail {

namespace {

struct look_due {};
struct start_due { std::size_t seat; };
struct ready_due { std::uint64_t id; };
struct deadline_due { std::uint64_t id; std::size_t seat; std::uint64_t slice; };
struct stop_due { std::uint64_t id; unsigned round; std::size_t step; };

}  // namespace
}  // namespace troupe::detail

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::look_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::start_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::ready_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::deadline_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::detail::stop_due)

namespace troupe::detail {

namespace {

constexpr duration look_after_every = std::chrono::milliseconds{500};

class supervisor_actor : public caf::event_based_actor {
 public:
  supervisor_actor(caf::actor_config& cfg, supervisor_options options,
                   std::shared_ptr<worker_factory> factory, std::shared_ptr<pool_shell> shell)
      : caf::event_based_actor(cfg), options_(std::move(options)), factory_(std::move(factory)),
        shell_(std::move(shell)), restarts_(options_.restarts), target_(options_.workers) {}

  caf::behavior make_behavior() override {
    set_down_handler([this](caf::down_msg& down) { ended(down); });
    return {
        [this](start_pool) { for (std::size_t seat = 0; seat < target_; ++seat) start(seat); },
        [this](worker_abandoned m) { abandon(m.id); },
        [this](worker_spawned m) { exists(m.id); },
        [this](worker_said_hello m) { if (auto* r = find(m.id)) { r->greeted = true; report_start(); } },
        [this](worker_ready m) { became_ready(m.id); },
        [this](retire_worker m) { stop(m.id, stop_politely); },
        [this](kill_worker m) { stop(m.id, stop_at_once); },
        [this](signal_workers m) { signal_all(m.action); },
        [this](watch_deadline m) {
          delayed_send(this, m.in, deadline_due{m.id, m.seat, m.slice});
        },
        [this](look_after_tasks) { delayed_send(this, look_after_every, look_due{}); },
        [this](look_due) {
          if (shell_->look_after()) delayed_send(this, look_after_every, look_due{});
        },
        [this](pool_drained) { stop_all(stop_politely); },
        [this](pool_terminated) { stop_all(stop_firmly); },
        [this](pool_gave_up) { stop_all(stop_at_once); },
        [this](pool_resized m) { resize(m.workers); },
        [this](start_due m) { start(m.seat); },
        [this](ready_due m) { not_ready_in_time(m.id); },
        [this](deadline_due m) {
          if (shell_->deadline(m.seat, m.id, m.slice)) stop(m.id, stop_at_once);
        },
        [this](stop_due m) { if (auto* r = find(m.id)) if (r->round == m.round) next_step(*r, m.step); },
    };
  }

  const char* name() const override { return "troupe.supervisor"; }

  // Messages to come may keep the actor itself in memory for a while, but not what it held.
  void on_exit() override {
    workers_.clear();
    factory_.reset();
    shell_.reset();
  }

 private:
  struct record {
    std::shared_ptr<worker> w;
    bool spawned = false, greeted = false, ready = false;
    bool told = false;            // to stop, by us
    std::string why_killed;       // by us, for a fault of its own
    stop_plan plan;
    std::size_t step = 0;
    unsigned round = 0;           // of plans: a step of an earlier one no longer counts
  };

  record* find(std::uint64_t id) {
    const auto at = workers_.find(id);
    return at == workers_.end() ? nullptr : &at->second;
  }

  void start(std::size_t seat) {
    if (stopping_ || seat >= target_ || occupied(seat)) return;
    const worker_spec spec{next_id_++, seat, next_name()};
    std::shared_ptr<worker> w;
    try {
      w = factory_->start(spec, caf::actor_cast<caf::actor>(this));
    } catch (...) {
      could_not_start(seat, std::current_exception());
      return;
    }
    workers_[spec.id].w = w;
    monitor(w->address());
    delayed_send(this, options_.start_deadline, ready_due{spec.id});
  }

  std::string next_name() {
    return options_.once ? options_.name : options_.name + "-" + std::to_string(next_name_++);
  }

  void exists(std::uint64_t id) {
    auto* r = find(id);
    if (r == nullptr) return;
    note_spawned(*r);
    report_start();
  }

  void note_spawned(record& r) {
    if (!std::exchange(r.spawned, true)) shell_->spawned(*r.w);
  }

  bool occupied(std::size_t seat) const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [&](const auto& r) { return r.second.w->spec.seat == seat; });
  }

  void became_ready(std::uint64_t id) {
    auto* r = find(id);
    if (r == nullptr) return;
    note_spawned(*r);  // the news of that may be late
    r->ready = r->greeted = true;
    restarts_.worker_ready();
    shell_->note("worker_started", *r->w, "");
    report_start();
  }

  void not_ready_in_time(std::uint64_t id) {
    auto* r = find(id);
    if (r == nullptr || r->ready || r->told) return;
    r->why_killed = "not ready within " + in_seconds(options_.start_deadline);
    begin(*r, stop_at_once);
  }

  static std::string in_seconds(duration d) {
    auto s = std::to_string(std::chrono::duration<double>(d).count());
    s.erase(s.find_last_not_of('0') + 1);
    if (s.ends_with('.')) s.pop_back();
    return s + " s";
  }

  static std::string text_of(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      return e.what();
    } catch (...) {
      return "unknown exception";
    }
  }

  // The pool's constructor waits for this: all started and one at work, or why not.
  void report_start() {
    if (start_reported_ || workers_.size() < std::min(target_, options_.workers)) return;
    const bool all = std::all_of(workers_.begin(), workers_.end(),
                                 [](const auto& r) { return r.second.spawned; });
    const bool any = std::any_of(workers_.begin(), workers_.end(),
                                 [](const auto& r) { return r.second.greeted; });
    if (all && any) start_result(nullptr);
  }

  void start_result(std::exception_ptr failure) {
    if (std::exchange(start_reported_, true)) return;
    shell_->started(failure);
  }

  // --- ends ---------------------------------------------------------------------------------
  void ended(const caf::down_msg& down) {
    const auto at = std::find_if(workers_.begin(), workers_.end(), [&](const auto& r) {
      return r.second.w->address() == down.source;
    });
    if (at == workers_.end()) return;
    over(at);
  }

  void abandon(std::uint64_t id) {
    const auto at = workers_.find(id);
    if (at == workers_.end()) return;
    demonitor(at->second.w->address());
    at->second.why_killed = "its thread ignores its stop token and was left behind";
    at->second.w->end.facts.status.known = false;
    over(at);
  }

  void over(std::map<std::uint64_t, record>::iterator at) {
    auto r = std::move(at->second);
    workers_.erase(at);
    auto& end = r.w->end;
    end.expected = r.told;
    if (!r.why_killed.empty()) end.facts.detail = r.why_killed;
    shell_->worker_ended(*r.w);
    if (r.w->start_error)
      shell_->note("worker_not_started", *r.w, text_of(r.w->start_error));
    else if (!end.expected)
      shell_->note("worker_lost", *r.w, worker_lost{end.facts}.what());
    replace(r);
    check_stopped();
  }

  void replace(const record& r) {
    const auto& w = *r.w;
    if (stopping_ || broken_) return;
    if (w.start_error) return could_not_start(w.spec.seat, w.start_error);
    if (w.init_error) return give_up("its initializer failed", w.init_error);
    if (!r.told) {
      deaths_.push_back(worker_lost{w.end.facts}.what());
      if (deaths_.size() > 32) deaths_.erase(deaths_.begin());
    }
    if (!r.told && !r.ready && !start_reported_) {
      const auto& f = w.end.facts;
      start_result(std::make_exception_ptr(troupe::start_error{
          "a worker could not be started" +
              (options_.program.empty() ? "" : " from " + options_.program) +
              ", it ended before it was ready: " + worker_lost{f}.what(),
          0, options_.program}));
    }
    decide(w.spec.seat, restarts_.worker_ended(clock().now(), r.told, r.ready), r.ready);
  }

  void could_not_start(std::size_t seat, std::exception_ptr error) {
    if (stopping_ || broken_) return;
    if (!start_reported_) return start_result(error);
    deaths_.push_back(text_of(error));
    decide(seat, restarts_.worker_ended(clock().now(), false, false), false);
  }

  void decide(std::size_t seat, restart_decision d, bool was_ready) {
    if (options_.once) return;
    switch (d.what) {
      case restart_decision::now: start(seat); break;
      case restart_decision::later:
        delayed_send(this, d.delay, start_due{seat});
        break;
      case restart_decision::give_up:
        give_up(was_ready ? "its workers died too often: more than " +
                                std::to_string(options_.restarts.max) + " deaths in " +
                                in_seconds(options_.restarts.period)
                          : std::string{"its workers cannot start"},
                nullptr);
    }
  }

  void give_up(const std::string& why, std::exception_ptr cause) {
    if (std::exchange(broken_, true)) return;
    std::string text = "pool " + options_.name + " is broken: " + why;
    if (cause) {
      text += ": " + text_of(cause);
    } else if (!deaths_.empty()) {
      text += "; the last: " + deaths_.back();
    }
    shell_->give_up(std::make_exception_ptr(pool_broken{text, deaths_}));
    start_result(nullptr);
    for (auto& [id, r] : workers_) stop(id, stop_firmly);
  }

  // --- stopping -----------------------------------------------------------------------------
  void stop(std::uint64_t id, stop_plan plan) {
    auto* r = find(id);
    if (r == nullptr) return;
    const bool firmer = r->plan.empty() || plan.size() < r->plan.size() - r->step;
    r->told = true;
    if (firmer) begin(*r, plan);
  }

  void begin(record& r, stop_plan plan) {
    r.plan = plan;
    ++r.round;
    next_step(r, 0);
  }

  void next_step(record& r, std::size_t step) {
    if (step >= r.plan.size()) return;
    r.step = step;
    const auto [action, grace] = r.plan[step];
    r.w->apply(action);
    if (grace) delayed_send(this, options_.grace, stop_due{r.w->spec.id, r.round, step + 1});
  }

  void stop_all(stop_plan plan) {
    stopping_ = true;
    for (auto& [id, r] : workers_) stop(id, plan);
    check_stopped();
  }

  void signal_all(stop_action action) {
    for (auto& [id, r] : workers_) {
      r.told = true;
      r.w->apply(action);
    }
  }

  void resize(std::size_t workers) {
    target_ = workers;
    if (broken_) return;
    for (std::size_t seat = 0; seat < target_; ++seat) start(seat);
  }

  void check_stopped() {
    if (!stopping_ || !workers_.empty()) return;
    start_result(std::make_exception_ptr(closed_error{"the pool was stopped while it started"}));
    shell_->stopped();
    quit();
  }

  supervisor_options options_;
  std::shared_ptr<worker_factory> factory_;
  std::shared_ptr<pool_shell> shell_;
  restart_policy restarts_;
  std::size_t target_;
  std::map<std::uint64_t, record> workers_;
  std::uint64_t next_id_ = 1;
  std::uint64_t next_name_ = 1;
  std::vector<std::string> deaths_;  // the last ones, for pool_broken
  bool start_reported_ = false;
  bool stopping_ = false;
  bool broken_ = false;
};

}  // namespace

caf::actor spawn_supervisor(caf::actor_system& system, supervisor_options options,
                            std::shared_ptr<worker_factory> factory,
                            std::shared_ptr<pool_shell> shell) {
  return system.spawn<supervisor_actor>(std::move(options), std::move(factory), std::move(shell));
}

}  // namespace troupe::detail
