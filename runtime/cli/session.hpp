// What a program runs in: its workers, its report, and the user's wish to stop.
#pragma once

#include "runtime/cli/interrupts.hpp"
#include "runtime/cli/report.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace troupe::cli {

/// Workers could not be started: exit code 5.
struct no_workers : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One run of one program. It has one pool at a time, or workers of its own. The first signal makes
/// stopping() true; the second terminates what works, so that whatever waits for a task gets
/// cancelled_error.
/// For one thread, save stopping().
class session {
 public:
  session(std::string program, const run_options& options);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  const run_options options;
  console& out() noexcept { return out_; }
  report& results() noexcept { return report_; }
  /// A line of what the program shows, to stdout; with --json it is silent.
  void show(const std::string& line) {
    if (!options.json) out_.result(line);
  }
  /// As many as the user wants, else this many.
  std::size_t workers_or(std::size_t n) const noexcept {
    return options.workers != 0 ? options.workers : n;
  }

  /// Ends the pool before it, whose tasks must have ended. `workers` 0: one for each usable core.
  /// Throws no_workers.
  troupe::pool& open_pool(placement where, std::size_t workers);
  troupe::pool& pool() { return *pool_; }
  /// A pool takes work as soon as one worker is there; this waits for the others, 30 s at most.
  void wait_for_workers();
  /// For a program that makes its workers itself, `workers` of them; ends the pool before.
  /// Throws no_workers.
  troupe::system& without_pool(placement where, std::size_t workers);
  void close_pool();
  /// For programs that start workers themselves: how many, and where.
  void use_workers(placement where, std::size_t workers);
  troupe::system& system();
  /// Called at the second signal, on a thread of its own (at once if that has been): the program
  /// ends what it has started or made beside the pool. Until another function is given.
  void on_kill(std::function<void()> fn);
  void leave_behind() noexcept { stuck_ = true; }  ///< threads that run on: finish() ends them
  void terminate();  ///< what the second signal does; for when nobody reads the results
  std::size_t workers() const noexcept { return workers_; }  ///< of the pool
  placement where() const noexcept { return where_; }
  /// -t, as a deadline of each task.
  troupe::call_options call() const;

  /// Start nothing more: the user interrupted, or nobody reads the results.
  bool stopping();
  bool killing() const noexcept { return interrupts_.count() >= 2; }  ///< do not even wait
  int signal() const noexcept { return interrupts_.signal(); }
  /// Called at each signal, on a thread of its own, until another function is given.
  void on_signal(std::function<void()> fn);

  /// The summary; returns the exit code. Ends the process itself if the user wanted it killed, or
  /// if a thread is stuck in a task: it cannot be waited for.
  int finish();

 private:
  void signalled(int count);
  void tell_losses();

  std::string program_;
  std::mutex mutex_;                 // for what other threads touch: the next four
  std::vector<std::string> losses_;  // deaths of workers, in words
  std::function<void()> on_signal_, on_kill_;
  std::unique_ptr<troupe::pool> pool_;
  interrupts interrupts_;  // before the system, whose threads inherit the mask
  console out_;
  report report_;
  std::unique_ptr<troupe::system> system_;
  std::size_t workers_ = 0;
  bool stuck_ = false;  // a thread runs on after its task's deadline
  placement where_ = placement::process;
};

}  // namespace troupe::cli
