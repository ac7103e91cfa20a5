// Values as Python prints them.
#pragma once

#include <fmt/format.h>
#include <concepts>
#include <string>

namespace troupe::cli {

std::string python(std::integral auto value) { return std::to_string(value); }

/// Below 1e16, where Python begins to write an exponent.
inline std::string python(double value) {
  auto text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

inline std::string python(const std::string& text) { return fmt::format("'{}'", text); }

inline const char* python_bool(bool value) { return value ? "True" : "False"; }

}  // namespace troupe::cli
