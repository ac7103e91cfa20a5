// The main loop of the programs: submits tasks, collects them, shows progress, heeds the user.
#pragma once

#include "runtime/cli/session.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe::cli {

/// What is to be run, without its types.
class task_list {
 public:
  virtual ~task_list() = default;
  virtual std::size_t size() const = 0;
  /// `done` is called once it has ended, on any thread, perhaps before submit returns.
  virtual void submit(std::size_t task, std::function<void()> done) = 0;
  virtual void cancel(std::size_t task) = 0;  ///< if it has not begun
  /// How far one is that was submitted, in words for the progress line; "": not worth a word.
  virtual std::string underway(std::size_t) const { return {}; }
  virtual task_end take(std::size_t task) = 0;  ///< of one that has ended; once
};

enum class run_kind {
  recorded,    ///< counts, and is reported task by task
  comparison,  ///< only its time matters
};

/// Runs the tasks in the session's pool, a window of them at a time. An interrupt cancels what has
/// not begun and waits for the rest. Blocks.
tally run_tasks(session& s, const std::string& label, task_list& tasks, run_kind kind);

template <auto F, class In, class OnValue>
class calls final : public task_list {
 public:
  using result = std::remove_cvref_t<std::invoke_result_t<decltype(F), In>>;

  calls(session& s, const std::vector<In>& inputs, OnValue on_value)
      : session_(s), inputs_(inputs), on_value_(std::move(on_value)), futures_(inputs.size()) {}

  std::size_t size() const override { return inputs_.size(); }
  void submit(std::size_t i, std::function<void()> done) override {
    futures_[i] = session_.pool().submit<F>(session_.call(), inputs_[i]);
    futures_[i].then([done = std::move(done)](const auto&) { done(); });
  }
  void cancel(std::size_t i) override { futures_[i].cancel(); }
  task_end take(std::size_t i) override {
    const auto f = std::exchange(futures_[i], {});
    const auto outcome = f.outcome();
    const auto receipt = f.receipt();
    task_end end;
    if (outcome) {
      end.result = *outcome;
      on_value_(i, *outcome, receipt);
    } else {
      end = end_of_failed_task(outcome.error());
    }
    end.input = inputs_[i];
    if (end.worker.empty()) end.worker = receipt.worker;
    if (end.pid == 0) end.pid = receipt.pid;
    end.ran = receipt.ran;
    return end;
  }

 private:
  session& session_;
  const std::vector<In>& inputs_;
  OnValue on_value_;
  std::vector<future<result>> futures_;
};

/// F of each input; on_value(index, value, receipt) for each that has one, in the order in which
/// they end.
template <auto F, class In, class OnValue>
tally run_tasks(session& s, const std::string& label, const std::vector<In>& inputs,
                OnValue on_value, run_kind kind = run_kind::recorded) {
  calls<F, In, OnValue> tasks{s, inputs, std::move(on_value)};
  return run_tasks(s, label, tasks, kind);
}

}  // namespace troupe::cli
