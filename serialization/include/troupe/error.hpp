// Every error that Troupe throws, named after what the caller does next.
//
// All derive from troupe::error, a std::runtime_error. Errors that a task threw arrive as a
// task_error; if what it threw was a standard exception (or one given to register_exception),
// the same object is also of that type, so that `catch (const std::out_of_range&)`,
// `catch (const troupe::task_error&)` and `catch (const std::exception&)` all catch it.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

/// How a process, or a worker in it, came to its end.
struct exit_status {
  int code = 0;              ///< argument of exit(); meaningless if `signal` is not 0
  int signal = 0;            ///< the signal that killed it; 0: it exited by itself
  bool core_dumped = false;  ///< only with a signal
  bool known = true;         ///< false: somebody else reaped the process, or its thread
                             ///< was left behind

  bool ok() const noexcept { return known && code == 0 && signal == 0; }
  /// `exit 3`, `killed by SIGKILL (9)`, `killed by SIGSEGV (11), core dumped`.
  std::string to_string() const;
  friend bool operator==(const exit_status&, const exit_status&) = default;
};
std::ostream& operator<<(std::ostream&, const exit_status&);

/// How far a task had come when its worker was lost.
enum class phase : std::uint8_t {
  not_started,     ///< surely never begun: running it again is safe
  started,         ///< begun, not finished
  result_unknown,  ///< finished or nearly so, but its result did not arrive
};
const char* to_string(phase) noexcept;

/// The base of all: catch it to catch everything that Troupe throws.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The call itself is wrong (a bad option, a missing init, join on an open pool): fix the call.
class usage_error : public error {
 public:
  using error::error;
};

/// The pool, queue or actor takes no more work: it was closed, or its owner has ended.
class closed_error : public error {
 public:
  using error::error;
};

/// No room, and the time allowed for waiting is over: slow down, or drop.
class full_error : public error {
 public:
  using error::error;
};

/// Nothing there, and the time allowed for waiting is over.
class empty_error : public error {
 public:
  using error::error;
};

/// The time allowed is over. From get(timeout): the task goes on. From a deadline: it was ended.
class timeout_error : public error {
 public:
  using error::error;
};

/// The task was cancelled before it could give a result.
class cancelled_error : public error {
 public:
  using error::error;
};

/// Waiting here could never end: the thing waited for needs the very thread that would wait.
class would_deadlock : public error {
 public:
  using error::error;
};

/// A party of a barrier died, gave up waiting or called abort: nobody gets through any more.
class broken_barrier : public error {
 public:
  using error::error;
};

/// The value could not be turned into bytes; nothing was sent.
class encode_error : public error {
 public:
  using error::error;
};

/// The bytes are not a value of the type expected.
class decode_error : public error {
 public:
  using error::error;
};

/// The receiving program does not have the function: link it there, or start the right program.
class unknown_function : public error {
 public:
  using error::error;
};

/// A worker process could not be started.
class start_error : public error {
 public:
  start_error(const std::string& what, int errno_value, std::string path);
  int errno_value() const noexcept { return errno_; }             ///< 0: it started, then failed
  const std::string& path() const noexcept { return path_; }      ///< the program

 private:
  int errno_;
  std::string path_;
};

/// What is known of a worker's death; the facts behind worker_lost.
struct loss {
  std::string worker;       ///< its name
  int pid = 0;
  exit_status status;
  troupe::phase phase = troupe::phase::started;
  std::uint64_t task = 0;   ///< id of the task it was running
  int attempt = 1;          ///< which attempt at that task this was
  std::string detail;       ///< why, where known: "stack overflow", "beyond the memory limit …"
  std::string stderr_tail;  ///< its last words, bounded and printable
};

/// The worker that ran the task died. Only that task is concerned; the pool goes on.
class worker_lost : public error {
 public:
  explicit worker_lost(loss what);
  const std::string& worker() const noexcept { return loss_.worker; }
  int pid() const noexcept { return loss_.pid; }
  const troupe::exit_status& exit_status() const noexcept { return loss_.status; }
  troupe::phase phase() const noexcept { return loss_.phase; }
  std::uint64_t task() const noexcept { return loss_.task; }
  int attempt() const noexcept { return loss_.attempt; }
  const std::string& detail() const noexcept { return loss_.detail; }
  const std::string& stderr_tail() const noexcept { return loss_.stderr_tail; }

 private:
  loss loss_;
};

/// The pool gave up: its workers died too often, could not start, or their initializer failed.
class pool_broken : public error {
 public:
  explicit pool_broken(const std::string& what, std::vector<std::string> deaths = {});
  const std::vector<std::string>& deaths() const noexcept { return deaths_; }  ///< oldest first

 private:
  std::vector<std::string> deaths_;
};

/// What a task threw.
class task_error : public error {
 public:
  struct cause {
    std::string type_name;
    std::string what;
  };
  struct facts {
    std::string type_name;      ///< demangled; "" if the compiler could not tell
    std::string what;           ///< what() of the exception, cut at 64 KiB
    std::string worker;         ///< name of the worker it happened in
    int pid = 0;                ///< its process
    std::vector<cause> nested;  ///< of std::throw_with_nested, outermost first, at most 16
  };

  explicit task_error(facts f);
  /// The text that the task's exception carried, unchanged.
  const char* what() const noexcept override { return facts_.what.c_str(); }
  const std::string& type_name() const noexcept { return facts_.type_name; }
  const std::string& worker() const noexcept { return facts_.worker; }
  int pid() const noexcept { return facts_.pid; }
  const std::vector<cause>& nested() const noexcept { return facts_.nested; }
  /// One line for a log: type, text, worker, pid and the nested causes.
  std::string describe() const;

 private:
  facts facts_;
};

}  // namespace troupe
