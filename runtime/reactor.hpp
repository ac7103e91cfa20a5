// One thread that waits for file descriptors and calls who asked for them. It must never be kept
// waiting: no user code and no blocking call runs on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe::detail {

class reactor {
 public:
  class watcher {
   public:
    virtual ~watcher() = default;
    /// The descriptor added under this tag is ready (or at its end).
    virtual void ready(int tag) noexcept = 0;
  };

  /// Starts the thread. Throws std::system_error.
  reactor();
  /// Ends the thread; what is still watched is dropped.
  ~reactor();
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  /// From any thread: runs fn on the reactor's thread, soon.
  void post(std::function<void()> fn);

  // --- on the reactor's thread only
  /// Edge-triggered descriptors are reported once for each event and need not be read.
  void add(int fd, std::shared_ptr<watcher> who, int tag, bool edge);
  void remove(int fd) noexcept;

 private:
  struct entry {
    std::shared_ptr<watcher> who;
    int tag;
  };
  void run();
  void run_posted();

  int epoll_ = -1;
  int wake_ = -1;
  std::map<int, entry> watched_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  bool stop_ = false;
  std::thread thread_;
};

/// While it lives, and for threads that are started meanwhile, for ever, this thread's signals are
/// blocked.
class signals_blocked {
 public:
  signals_blocked() noexcept;
  ~signals_blocked();
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  alignas(std::uint64_t) std::byte before_[128];  // a sigset_t
};

/// Starts a thread of the library's own: all signals blocked, so that the host's handlers run on
/// the host's threads. Throws std::system_error.
std::thread start_thread(const char* name, std::function<void()> body);

}  // namespace troupe::detail
