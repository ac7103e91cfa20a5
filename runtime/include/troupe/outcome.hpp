#pragma once

#include <troupe/error.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace troupe {

/// What a task ended with: a value or an error, without throwing.
template <class T>
class outcome {
 public:
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  explicit outcome(stored value) : value_(std::move(value)) {}
  explicit outcome(std::exception_ptr error) : error_(std::move(error)) {}

  bool has_value() const noexcept { return value_.has_value(); }
  bool ok() const noexcept { return has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value; throws the error if there is none.
  decltype(auto) value() const& {
    if (!value_) std::rethrow_exception(error_);
    if constexpr (!std::is_void_v<T>) return (*value_);
  }
  decltype(auto) value() && {
    if (!value_) std::rethrow_exception(error_);
    if constexpr (!std::is_void_v<T>) return T(std::move(*value_));
  }
  const stored& operator*() const { return *value_; }
  const stored* operator->() const { return &*value_; }
  /// Null if there is a value.
  std::exception_ptr error() const noexcept { return error_; }

 private:
  std::optional<stored> value_;
  std::exception_ptr error_;
};

}  // namespace troupe
