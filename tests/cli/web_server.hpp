// A web server on loopback, for tests.
#pragma once

#include <memory>
#include <string>

namespace cli_test {

/// /page and /large answer, /moved leads to /page, /cut ends before its end, /never does not
/// answer, all else is not found.
class web_server {
 public:
  web_server();
  ~web_server();
  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;

  std::string url(const std::string& path) const;
  const std::string& page() const;
  const std::string& large() const;
  int waiting() const;  ///< who has asked for /never

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace cli_test
