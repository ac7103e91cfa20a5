#pragma once

#include "runtime/cli/http.hpp"

namespace troupe::cli {

http_answer get(const http_request& request);

}  // namespace troupe::cli
