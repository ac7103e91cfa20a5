// Did you mean …?
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// The one of `names` that `word` was most likely meant to be; "" if none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& names);

/// `; did you mean 'cube'?`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

}  // namespace troupe::cli
