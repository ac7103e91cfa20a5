// Workers made one by one, each for one call: what the documents do with Process.
#pragma once

#include "runtime/cli/runner.hpp"

#include <troupe/worker.hpp>

#include <optional>

namespace troupe::cli {

template <class R>
struct plan {
  json input;        ///< of its JSON line
  std::string name;  ///< "": a default one
  std::function<worker<R>(troupe::system&, const spawn_options&)> start;
};

/// Each plan is a task. A worker is joined before its task counts as ended.
template <class R, class OnEnd>
class spawned final : public task_list {
 public:
  spawned(session& s, troupe::system& sys, const std::vector<plan<R>>& plans, OnEnd on_end)
      : session_(s), system_(sys), plans_(plans), on_end_(std::move(on_end)), all_(plans.size()) {}

  std::size_t size() const override { return plans_.size(); }

  void submit(std::size_t i, std::function<void()> done) override {
    all_[i].made.emplace(start(plans_[i]));
    all_[i].result = all_[i].made->result();
    all_[i].result.then([done = std::move(done)](const auto&) { done(); });
  }

  void cancel(std::size_t i) override { all_[i].result.cancel(); }

  void kill() override {
    for (auto& one : all_) {
      if (!one.made || one.result.done()) continue;
      one.cut_off = true;
      end(one);
    }
  }

  // A worker knows no deadline of its own.
  void watch() override {
    if (session_.options.timeout == duration::max()) return;
    const auto now = clock::now();
    for (auto& one : all_) {
      if (!one.made || one.late || one.result.done()) continue;
      if (!one.began && one.result.running()) one.began = now;
      if (!one.began || now - *one.began <= session_.options.timeout) continue;
      one.late = true;
      end(one);
    }
  }

  task_end take(std::size_t i) override {
    const auto& w = *all_[i].made;
    w.join();
    const auto outcome = w.result().outcome();
    task_end end;
    if (all_[i].late) {
      end.how = ending::failed;
      end.error = "it ran for longer than --timeout, and was ended";
    } else if (all_[i].cut_off) {  // a thread may have returned something all the same
      end.how = ending::cancelled;
    } else if (outcome) {
      end.result = result(i, outcome);
    } else {
      end = end_of_failed_task(outcome.error());
    }
    end.input = plans_[i].input;
    end.worker = w.name();
    end.pid = w.pid();
    end.ran = w.result().receipt().ran;
    return end;
  }

 private:
  using clock = std::chrono::steady_clock;
  struct one {
    std::optional<worker<R>> made;
    future<R> result;
    std::optional<clock::time_point> began;
    bool late = false, cut_off = false;
  };

  worker<R> start(const plan<R>& p) const {
    spawn_options o;
    o.name = p.name;
    o.where = session_.where();
    try {
      return p.start(system_, o);
    } catch (const troupe::start_error& e) {
      throw no_workers{e.what()};
    }
  }

  static void end(one& o) {
    if (!o.result.cancel(troupe::kill)) o.made->terminate();
  }

  json result(std::size_t i, const auto& outcome) {
    if constexpr (std::is_void_v<R>)
      return on_end_(i);
    else
      return on_end_(i, *outcome);
  }

  session& session_;
  troupe::system& system_;
  const std::vector<plan<R>>& plans_;
  OnEnd on_end_;
  std::vector<one> all_;
};

/// Runs them all at once. on_end(index, value), or on_end(index) if there is none, is called for
/// each that returned, in the order in which they ended; it returns the result of the JSON line.
template <class R, class OnEnd>
tally run_spawned(session& s, troupe::system& sys, const std::string& label,
                  const std::vector<plan<R>>& plans, OnEnd on_end) {
  spawned<R, OnEnd> tasks{s, sys, plans, std::move(on_end)};
  return run_tasks(s, label, tasks, run_kind::recorded);
}

/// Where they live, and how many there are: by the flags, else in processes and `usually`.
inline placement placement_for(const session& s) {
  return s.options.where.value_or(placement::process);
}
inline std::size_t count_for(const session& s, std::size_t usually) {
  return s.options.workers != 0 ? s.options.workers : usually;
}

}  // namespace troupe::cli
