// Runs the command as a user does, and looks at what it leaves behind.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace cli_test {

using arguments = std::vector<std::string>;

/// Polls until it holds; false: not within `seconds`.
bool eventually(const std::function<bool()>& holds, double seconds = 30);

struct finished {
  int code = -1;  ///< of exit, or 128 + the signal
  std::string out, err;
  double seconds = 0;
};

enum class terminal { no, yes };

/// A command under way, in a session of its own. With a terminal all three streams are that, and
/// `err` stays empty. At its end no process of the session may be left: else the test fails.
class running {
 public:
  explicit running(const arguments& argv, terminal t = terminal::no);
  ~running();
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  pid_t pid() const noexcept { return pid_; }
  std::vector<pid_t> workers() const;       ///< its children
  std::vector<pid_t> busy_workers() const;  ///< those that have used processor time
  bool is_at_work() const;                  ///< it, or a worker, has used processor time
  void signal(int number) const;
  void type(const std::string& keys);  ///< on its terminal
  void close_stdout();                 ///< as a reader that has seen enough
  bool says(const std::string& text);  ///< it comes, on stdout or stderr, within 30 s
  finished wait();                     ///< at most 60 s; then the test fails

 private:
  void open_pipes(int& out, int& err);
  void open_terminal(std::string& slave);
  bool pump(int milliseconds);

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  finished got_;
  bool reaped_ = false;
  std::chrono::steady_clock::time_point began_;
};

/// argv of the command with these arguments.
arguments command(const arguments& args);
/// Runs it to its end.
finished troupe(const arguments& args);
/// Runs a line of sh in which "$0" is the command.
finished shell(const std::string& line);

std::vector<std::string> lines_of(const std::string& text);

}  // namespace cli_test
