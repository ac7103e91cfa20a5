// What the command finds in troupe/http.so.

#include "runtime/cli/http/client.hpp"
#include "runtime/cli/http/server.hpp"

extern "C" const troupe::cli::http_module* troupe_http_module() {
  static constexpr troupe::cli::http_module module{troupe::cli::get, troupe::cli::serve};
  return &module;
}
