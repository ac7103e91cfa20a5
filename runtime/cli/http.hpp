// HTTP for the programs: a client, and a small server on loopback to try it on.
//
// Both are in a module, troupe/http.so, that is loaded when one is first wanted: it brings some
// thirty libraries, which each worker process of every program would load and never use.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

using http_duration = std::chrono::nanoseconds;

struct http_request {
  std::string url;  ///< http or https
  http_duration timeout = std::chrono::seconds{60};
  /// Called with each piece of the body; what it throws ends the download.
  std::function<void(std::string_view)> body;
  /// Called now and then with what has come and what is to come (0: not known); false ends the
  /// download.
  std::function<bool(std::uint64_t, std::uint64_t)> progress;
};

struct http_answer {
  int status = 0;
  std::uint64_t bytes = 0;
  std::string url;  ///< where redirects have led
};

/// What the server offers at one path.
struct http_page {
  std::string path, type, body;
  http_duration latency{0};  ///< how long the answer takes, which comes in pieces
};

/// Ends with its object.
class http_server {
 public:
  virtual ~http_server() = default;
  virtual std::string url(const std::string& path) const = 0;
  /// The same on a port of loopback that refuses connections.
  virtual std::string closed_url(const std::string& path) const = 0;
};

/// What the module exports, as troupe_http_module().
struct http_module {
  http_answer (*get)(const http_request&);
  http_server* (*serve)(const std::vector<http_page>&);
};

/// Follows redirects. Throws std::runtime_error, also for a status of 400 and above.
http_answer http_get(const http_request& request);
std::unique_ptr<http_server> serve_on_loopback(const std::vector<http_page>& pages);

}  // namespace troupe::cli
