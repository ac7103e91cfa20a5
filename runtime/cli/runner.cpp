#include "runtime/cli/runner.hpp"

#include <fmt/format.h>
#include <condition_variable>
#include <set>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto tick = 100ms;

// The tasks that have ended, from whatever thread says so to the one that waits here.
class inbox {
 public:
  void put(std::size_t task) {
    const std::lock_guard hold{mutex_};
    ended_.push_back(task);
    news_.notify_one();
  }
  void wake() {
    const std::lock_guard hold{mutex_};
    woken_ = true;
    news_.notify_one();
  }
  std::vector<std::size_t> wait() {
    std::unique_lock hold{mutex_};
    news_.wait_for(hold, tick, [&] { return woken_ || !ended_.empty(); });
    woken_ = false;
    return std::exchange(ended_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<std::size_t> ended_;
  bool woken_ = false;
};

class run {
 public:
  run(session& s, task_list& tasks, run_kind kind)
      : session_(s), tasks_(tasks), kind_(kind), box_(std::make_shared<inbox>()) {
    tally_.tasks = tasks.size();
    // Enough ahead that no worker waits for this thread; inline, a submit is the task itself.
    window_ = s.where() == placement::inline_ ? 1 : 4 * s.workers() + 16;
    session_.on_signal([box = box_] { box->wake(); });
  }
  ~run() { session_.on_signal({}); }
  run(const run&) = delete;
  run& operator=(const run&) = delete;

  tally operator()(const std::string& label) {
    const auto began = clock::now();
    session_.out().bar.begin(label, label.empty() ? 0 : tasks_.size());
    for (;;) {
      heed_user();
      submit_some();
      if (open_.empty()) break;
      for (const auto task : box_->wait()) take(task);
      tasks_.watch();
      session_.out().bar.update(tally_.ok + tally_.failed, underway());
    }
    session_.out().bar.end();
    tally_.wall = clock::now() - began;
    tally_.cancelled = tally_.tasks - tally_.ok - tally_.failed;
    return tally_;
  }

 private:
  void submit_some() {
    while (!stopped_ && next_ < tasks_.size() && open_.size() < window_) {
      open_.insert(next_);
      try {
        tasks_.submit(next_, [box = box_, task = next_] { box->put(task); });
      } catch (const troupe::closed_error&) {  // it was terminated meanwhile
        open_.erase(next_);
        stopped_ = true;
      } catch (const troupe::pool_broken& e) {
        open_.erase(next_);
        stopped_ = true;
        tally_.lost_workers = true;
        session_.out().complain(e.what());
      }
      ++next_;
    }
  }

  std::string underway() const {
    std::string all;
    for (const auto task : open_)
      if (const auto words = tasks_.underway(task); !words.empty())
        all += (all.empty() ? "" : ", ") + words;
    return all;
  }

  void take(std::size_t task) {
    open_.erase(task);
    const auto end = tasks_.take(task);
    tally_.count(end);
    if (kind_ == run_kind::recorded) session_.results().task(task, end);
  }

  void heed_user() {
    if (session_.killing()) tasks_.kill();
    if (stopped_ || !session_.stopping()) return;
    stopped_ = true;
    if (session_.signal() == 0) {
      tasks_.kill();  // nobody reads the results
      session_.terminate();
      return;
    }
    for (const auto task : open_) tasks_.cancel(task);
    session_.out().say("interrupted: waiting for the tasks that run; once more kills them");
  }

  session& session_;
  task_list& tasks_;
  run_kind kind_;
  std::shared_ptr<inbox> box_;  // callbacks may come after the end of this
  tally tally_;
  std::set<std::size_t> open_;  // submitted, and not taken
  std::size_t window_ = 1, next_ = 0;
  bool stopped_ = false;
};

}  // namespace

tally run_tasks(session& s, const std::string& label, task_list& tasks, run_kind kind) {
  const auto t = run{s, tasks, kind}(label);
  if (kind == run_kind::recorded) {
    s.results().used(s.where(), s.workers());
    s.results().add(t);
  } else {
    s.results().add_comparison(t);
  }
  return t;
}

}  // namespace troupe::cli
