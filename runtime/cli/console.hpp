// Results on stdout, everything else on stderr.
#pragma once

#include "runtime/cli/progress.hpp"

#include <string>

namespace troupe::cli {

/// For one thread.
class console {
 public:
  console(progress_style style, bool quiet) : bar(style), quiet_(quiet) {}

  void result(const std::string& line);    ///< to stdout, at once
  void note(const std::string& line);      ///< to stderr, unless quiet
  void complain(const std::string& line);  ///< to stderr, with the command's name
  void say(const std::string& line);       ///< to stderr
  // Of others, as it is, whether it ends a line or not:
  void write(const std::string& text);       ///< to stdout, at once
  void pass_error(const std::string& text);  ///< to stderr

  /// Nobody reads the results any more, or they cannot be written: no use to go on.
  bool closed();
  /// Why results could not be written, if it is not that the reader went away; else "".
  const std::string& write_error() const noexcept { return write_error_; }

  progress bar;

 private:
  bool quiet_;
  bool closed_ = false;
  std::string write_error_;
};

}  // namespace troupe::cli
