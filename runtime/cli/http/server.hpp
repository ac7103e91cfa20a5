#pragma once

#include "runtime/cli/http.hpp"

namespace troupe::cli {

/// The caller owns it. Throws std::runtime_error if loopback has no port for it.
http_server* serve(const std::vector<http_page>& pages);

}  // namespace troupe::cli
