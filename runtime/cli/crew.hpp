// Workers of a program that has no pool: each is given one call, and they speak through queues.
#pragma once

#include "runtime/cli/session.hpp"

#include <troupe/queue.hpp>
#include <troupe/worker.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace troupe::cli {

/// How often who waits for a crew looks whether it is still there, and what the user wants.
inline constexpr auto crew_tick = std::chrono::milliseconds{100};

/// For programs whose workers run one call each: -t has nothing to end.
void refuse_timeout(const session& s, const std::string& program);

/// The second signal kills its members; a thread cannot be killed, the session leaves it behind.
template <class R>
class crew {
 public:
  crew(session& s, std::string name, placement where, std::size_t size)
      : session_(s), name_(std::move(name)), where_(where) {
    s.use_workers(where, size);
    s.on_kill([this] { kill(); });
  }
  ~crew() { session_.on_kill({}); }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  /// Throws no_workers.
  template <auto F, class... A>
  const worker<R>& spawn(const A&... args) {
    try {
      auto w = session_.system().template spawn<F>(
          {.name = name_ + "-" + std::to_string(members_.size() + 1),
           .where = where_,
           .daemon = true,
           .grace = crew_tick},
          args...);
      const std::lock_guard hold{mutex_};
      members_.push_back(std::move(w));
      if (killed_) members_.back().kill();
      return members_.back();
    } catch (const troupe::start_error& e) {
      throw no_workers{e.what()};
    }
  }

  /// Until `over` holds, which waits for a tick itself, or nobody is left to bring it about. At
  /// the user's first wish to stop, `drain` takes away what has not begun.
  template <class Over, class Drain>
  bool wait_until(Over over, Drain drain) {
    for (;;) {
      const bool left = alive();  // asked first: the last one may bring it about and end
      if (over()) return true;
      if (!left) return false;
      if (killed() && where_ != placement::process) {
        session_.leave_behind();
        return false;
      }
      if (session_.stopping() && !std::exchange(drained_, true)) {
        drain();
        if (session_.signal() == 0)
          kill();  // nobody reads the results
        else
          session_.out().say("interrupted: waiting for the tasks that run; once more kills them");
      }
    }
  }
  /// Until all are over; false: threads are not that were to be killed.
  bool join() {
    for (const auto& w : members_)
      while (!w.join(crew_tick))
        if (killed() && where_ != placement::process) {
          session_.leave_behind();
          return false;
        }
    return true;
  }

  bool alive() const { return std::ranges::any_of(members_, &any_worker::alive); }
  void kill() {
    const std::lock_guard hold{mutex_};
    killed_ = true;
    for (const auto& w : members_) w.kill();
  }
  bool killed() const {
    const std::lock_guard hold{mutex_};
    return killed_;
  }
  /// Of each that ended without a result.
  std::vector<std::string> deaths() const {
    std::vector<std::string> all;
    for (const auto& w : members_)
      if (w.result().done())
        if (const auto error = w.result().error()) all.push_back(end_of_failed_task(error).error);
    return all;
  }
  const std::vector<worker<R>>& members() const noexcept { return members_; }

 private:
  session& session_;
  std::string name_;
  placement where_;
  mutable std::mutex mutex_;  // changes to the members; and their end, by the second signal
  std::vector<worker<R>> members_;
  bool killed_ = false, drained_ = false;
};

/// The tasks of a crew, as they are told by its results: those that nobody tells of were lost with
/// their workers, or not begun when the user stopped.
class crew_tasks {
 public:
  crew_tasks(session& s, std::vector<json> inputs);

  void take(std::size_t task, task_end end);  ///< the first time counts: an item may come again
  std::size_t open() const noexcept { return open_; }
  bool done(std::size_t task) const { return done_.at(task); }
  /// Into the report. `deaths`: of the crew.
  void finish(const std::vector<std::string>& deaths);
  const tally& counts() const noexcept { return tally_; }

 private:
  session& session_;
  std::vector<json> inputs_;
  std::vector<bool> done_;
  std::size_t open_;
  tally tally_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace troupe::cli
