// Other programs: run one, wait for it, have what it printed. Python's subprocess.run.
//
// There is no shell: an argument reaches the program as it is, whatever is in it. For pipes and
// wildcards start one: run({"sh", "-c", "ls *.cpp | wc -l"}).
#pragma once

#include <troupe/detail/job.hpp>
#include <troupe/error.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

struct command_options {
  bool capture = false;                   ///< stdout and stderr into the result; else they are the
                                          ///< caller's own
  std::optional<std::string> input = {};  ///< all that it reads on stdin; unset: the caller's stdin
  duration timeout = duration::max();     ///< from the call; then it is killed, and command_timeout
  std::filesystem::path cwd = {};         ///< its working directory; "": the caller's
  std::optional<std::map<std::string, std::string>> env = {};  ///< its whole environment; unset:
                                                               ///< the caller's
  bool check = false;                     ///< an end other than exit 0 is a called_process_error
};

/// A command that has ended. Portable: a task may return it.
struct completed_process {
  std::vector<std::string> argv = {};
  exit_status status = {};
  std::string out = {};  ///< its stdout and its stderr, byte by byte; "" if not captured
  std::string err = {};
};

/// A command did not exit with 0, and that was asked for. `what()` says how it ended and, if its
/// stderr was captured, the last of that:
///   command 'ls -l' exited with status 3
///   command 'sleep 9' was killed by SIGKILL (9)
/// Thrown by a task, it arrives as itself, with all that is in it.
class called_process_error : public error {
 public:
  called_process_error() : error("") {}
  explicit called_process_error(completed_process p);
  const char* what() const noexcept override { return text_.c_str(); }
  const completed_process& process() const noexcept { return process_; }

  template <class Archive>
  void serialize(Archive& ar) {
    ar(process_, text_);
  }

 private:
  completed_process process_;
  std::string text_;
};

/// A command took longer than its timeout; it was killed. process() holds what it had printed by
/// then. Thrown by a task, it arrives as itself, with all that is in it.
class command_timeout : public timeout_error {
 public:
  command_timeout() : timeout_error("") {}
  command_timeout(completed_process p, duration timeout);
  const char* what() const noexcept override { return text_.c_str(); }
  const completed_process& process() const noexcept { return process_; }

  template <class Archive>
  void serialize(Archive& ar) {
    ar(process_, text_);
  }

 private:
  completed_process process_;
  std::string text_;
};

/// Starts argv[0] with these arguments and blocks until it has ended. From any thread, inside
/// tasks of any placement too.
///
/// The program is looked up in the caller's PATH, whatever `env` says; a name with a slash is
/// taken relative to `cwd`. It gets the three streams and no other descriptor, default signals,
/// none of them blocked. `input` is handed over as a file in memory, a copy of it: a command that
/// does not read it disturbs nobody. With `capture` the end is that of both streams, as in Python:
/// what the command left running may hold them open, and `timeout` counts for that, too.
///
/// At the timeout it is killed together with its process group, which is its own, unless
/// - it runs in a worker process: there it stays in the worker's group, so that it ends with the
///   worker, whatever that dies of;
/// - its stdin is the caller's terminal: there it stays in the foreground, so that keys, Ctrl-C
///   among them, reach it.
/// In these two cases it is killed together with all that descends from it. A task that is asked
/// to stop (its thread's deadline, terminate) kills its command in the same way: cancelled_error.
///
/// Throws start_error (no such program, no such cwd; errno and path), usage_error (an empty argv,
/// a zero byte, a bad name in env, a timeout that is not positive), command_timeout,
/// called_process_error. A host that reaps every child of the process takes the exit status away:
/// it is then not `known`, and not ok either. A host that dies leaves the command running, unless
/// it ran in a worker process.
completed_process run(std::vector<std::string> argv, const command_options& options = {});

/// What it prints on stdout; `check` is implied. Its stderr is the caller's, as in Python; with
/// `capture` it goes into the error.
std::string check_output(std::vector<std::string> argv, const command_options& options = {});

}  // namespace troupe
