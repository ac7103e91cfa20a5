// Programs of tests/programs, started, watched and ended by tests.
#pragma once

#include <string>
#include <vector>

namespace support {

/// A running program; killed with this object if it still runs.
class program {
 public:
  /// Of tests/programs, by name. Its standard output and error can be read by output().
  program(const std::string& name, std::vector<std::string> arguments);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  int pid() const noexcept { return pid_; }
  void signal(int number) const;
  /// Waits for its end: `exit 3`, `signal 9`; `hangs` after a minute.
  std::string end();
  /// All that it printed; waits until nobody can print any more, but not for ever.
  std::string output();

 private:
  int pid_ = -1;
  int out_ = -1;
  bool ended_ = false;
};

/// While it lives orphans become children of this process, as they would of init.
class orphanage {
 public:
  orphanage();
  ~orphanage();
  orphanage(const orphanage&) = delete;
  orphanage& operator=(const orphanage&) = delete;

  /// Command lines of those that were started from here, directly or not, and still run; but
  /// neither zombies (which are reaped) nor the one with pid `but`.
  std::vector<std::string> alive(int but = 0) const;
  /// Kills them, and waits until not even a zombie of theirs is left.
  void kill_all() const;

 private:
  std::vector<int> pids(int but) const;
};

}  // namespace support
