// Starting programs: one thread that lives as long as the system does all of it, since a child's
// parent-death signal goes off when the *thread* that started it ends (prctl(2)).
#pragma once

#include <functional>
#include <mutex>
#include <condition_variable>
#include <deque>
#include <string>
#include <thread>
#include <vector>

namespace troupe::detail {

/// What a worker process inherits, and where: nothing else is open there but 0, 1 and 2.
inline constexpr int worker_socket_fd = 3;
inline constexpr int worker_memory_fd = 4;
inline constexpr int worker_bell_fd = 5;

/// In a worker's environment: "<format> <pid of its host>".
inline constexpr const char* worker_variable = "TROUPE_WORKER";
/// How many hosts deep it is; against programs that start themselves without end.
inline constexpr const char* depth_variable = "TROUPE_DEPTH";
inline constexpr int deepest_host = 10;

struct spawn_request {
  std::string program;       ///< path; "" : the program that is running
  std::string name;          ///< of the worker, shown by ps
  int socket = -1;           ///< the worker's ends, all of them close-on-exec here
  int memory = -1;
  int bell = -1;
};

/// posix_spawn: own process group, default signals, nothing blocked, stdin from /dev/null. Returns
/// the pid; throws start_error with errno and path.
int spawn_worker(const spawn_request& r);
/// The path that "" above stands for, for messages.
std::string own_program();

class spawner {
 public:
  spawner();
  ~spawner();  ///< does what was asked for first
  spawner(const spawner&) = delete;
  spawner& operator=(const spawner&) = delete;
  void post(std::function<void()> work);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::function<void()>> work_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace troupe::detail
