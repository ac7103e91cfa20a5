// What became of the tasks of a run: counted, printed as JSON if wanted, and summed up.
#pragma once

#include "runtime/cli/console.hpp"
#include "runtime/cli/options.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <string>
#include <vector>

namespace troupe::cli {

using json = nlohmann::ordered_json;

enum class ending { ok, failed, lost, cancelled };

/// One task, after its end.
struct task_end {
  ending how = ending::ok;
  json input, result;  ///< result: null unless ok
  std::string error;   ///< "" if ok
  bool told = false;   ///< the program has printed the error itself, unless it is to be JSON
  std::string worker;
  int pid = 0;
  duration ran{0};
};

/// Whether it failed, was lost with its worker or was cancelled; with the text and, where the
/// error knows them, worker and pid.
task_end end_of_failed_task(const std::exception_ptr& error);

struct worker_share {
  std::string name;
  int pid = 0;
  std::size_t tasks = 0;
  duration busy{0};
};

/// Counts of one run. tasks = ok + failed + cancelled; `lost` are those of the failed whose worker
/// died; `cancelled` were not run, or were cut off by the user.
struct tally {
  std::size_t tasks = 0, ok = 0, failed = 0, lost = 0, cancelled = 0;
  bool lost_workers = false;  ///< so many that the pool gave up
  duration wall{0};
  std::vector<worker_share> workers;  ///< in the order in which they first finished a task

  void count(const task_end& end);
  void add(const tally& other);
  bool complete() const noexcept { return ok == tasks; }
  double wall_s() const noexcept { return std::chrono::duration<double>(wall).count(); }
};

/// For one thread.
class report {
 public:
  report(console& out, const run_options& options);

  /// A task of the program itself ended: its JSON line, or its error on stderr. `task` counts from
  /// 0 within the run; `tags` are more fields of the line.
  void task(std::size_t task, const task_end& end);
  /// A run is over: into the summary.
  void add(const tally& run);
  /// A run that only serves for comparison is over: only a loss matters.
  void add_comparison(const tally& run) { lost_a_worker_ |= run.lost != 0 || run.lost_workers; }

  void used(placement where, std::size_t workers);
  /// Deaths of workers, in words. They count even if no task was lost with them.
  void lost_workers(const std::vector<std::string>& deaths);
  void wrong(const std::string& what);  ///< --verify found it
  void fail(int code, const std::string& why);
  json tags = json::object();     ///< more fields of each task from here on
  json summary = json::object();  ///< more fields of the summary

  void print_summary(int signal);
  /// By what was told so far.
  int exit_code(int signal);

 private:
  console& out_;
  const run_options& options_;
  tally total_;
  std::size_t first_ = 0;  // tasks of the runs before
  std::size_t most_workers_ = 0;
  std::vector<std::string> places_;
  bool lost_a_worker_ = false, wrong_ = false;
  int failure_ = 0;
};

}  // namespace troupe::cli
