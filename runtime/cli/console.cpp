#include "runtime/cli/console.hpp"

#include "runtime/cli/terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace troupe::cli {

void console::result(const std::string& line) {
  write(line + "\n");
}

void console::write(const std::string& text) {
  if (closed_ || text.empty()) return;
  bar.hide();
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  closed_ = true;
  if (errno != EPIPE) write_error_ = std::strerror(errno);
}

void console::note(const std::string& line) {
  if (!quiet_) say(line);
}

void console::complain(const std::string& line) { say("troupe: " + line); }

void console::say(const std::string& line) { pass_error(line + "\n"); }

void console::pass_error(const std::string& text) {
  if (text.empty()) return;
  bar.hide();
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool console::closed() {
  closed_ = closed_ || stdout_has_no_reader();
  return closed_;
}

}  // namespace troupe::cli
