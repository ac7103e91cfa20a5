// How a command is started, and with what.
#pragma once

#include <troupe/command.hpp>

#include <string>
#include <utility>
#include <vector>

namespace troupe::detail {

using arguments = std::vector<std::string>;

/// Owns an open file. Moved from: none.
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  ~descriptor() { close(); }
  descriptor(descriptor&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  descriptor& operator=(descriptor&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void close() noexcept;

 private:
  int fd_ = -1;
};

/// For one stream of a command; closed in every other program that is started.
struct pipe_ends {
  descriptor read, write;
  void open(const arguments& argv);  ///< throws start_error
};

/// posix_spawn: default signals, nothing blocked, no descriptor but the three streams, of which
/// stdout and stderr are these ends where there are any. Returns the pid; throws start_error with
/// errno and the path that it is about.
int start_command(const arguments& argv, const command_options& options, const descriptor& out,
                  const descriptor& err, bool own_group);

/// "command 'ls' could not be started<why>: <what errno says>"
[[noreturn]] void cannot_start(const arguments& argv, const std::string& why, int error,
                               const std::string& path);

}  // namespace troupe::detail
