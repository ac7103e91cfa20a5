#include <troupe/codec.hpp>

#include <exception>
#include <string>

namespace troupe::detail {

void throw_too_deep_to_encode() {
  throw encode_error{"nested deeper than " + std::to_string(max_depth) + " levels"};
}

void throw_too_deep_to_decode() {
  throw decode_error{"nested deeper than " + std::to_string(max_depth) + " levels"};
}

void throw_truncated(std::size_t wanted, std::size_t remaining) {
  throw decode_error{"the bytes end too early: " + std::to_string(wanted) + " wanted, " +
                     std::to_string(remaining) + " left"};
}

void throw_bad_value(const char* what, std::uint64_t value) {
  throw decode_error{std::string{what} + " cannot be " + std::to_string(value)};
}

void throw_bad_key(std::size_t place) {
  throw decode_error{"key " + std::to_string(place) + " is out of order, or there already"};
}

void throw_trailing(std::size_t bytes) {
  throw decode_error{std::to_string(bytes) + " bytes are left over after the value"};
}

namespace {

// A what() that gives null or throws is somebody's bug, not our end.
std::string text_of(const std::exception& e) {
  try {
    const char* text = e.what();
    return text != nullptr ? text : "(what() returned nullptr)";
  } catch (...) {
    return "(what() threw)";
  }
}

template <class Error>
[[noreturn]] void rethrow_as(const char* what) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    std::throw_with_nested(Error{what + text_of(e)});
  } catch (...) {
    std::throw_with_nested(Error{std::string{what} + "an exception that is no std::exception"});
  }
}

}  // namespace

void rethrow_as_encode_error() { rethrow_as<encode_error>("a value could not be encoded: "); }
void rethrow_as_decode_error() { rethrow_as<decode_error>("bytes could not be decoded: "); }

}  // namespace troupe::detail
