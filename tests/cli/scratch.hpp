// Files for tests of the command.
#pragma once

#include "tests/cli/command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cli_test {

/// A directory for one test, gone with it.
class scratch {
 public:
  scratch() {
    path_ = (std::filesystem::temp_directory_path() / "troupe-test-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// A pipe with a name: what opens one end waits for the other.
  std::string fifo(const std::string& name) const {
    if (mkfifo(file(name).c_str(), 0600) != 0) std::abort();
    return file(name);
  }
  std::string contents(const std::string& name) const {
    std::ifstream in{file(name)};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  /// It comes into being within 30 s.
  bool appears(const std::string& name) const {
    return eventually([&] { return std::filesystem::exists(file(name)); });
  }

 private:
  std::string path_;
};

/// The writing end of a fifo; waits for the reader.
class writer {
 public:
  explicit writer(const std::string& fifo) : fd_(open(fifo.c_str(), O_WRONLY | O_CLOEXEC)) {
    if (fd_ < 0) std::abort();
  }
  ~writer() { close(); }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  void write(const std::string& text) const {
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

}  // namespace cli_test
