// Verbs of the tests of exceptions: throw it there, catch it here.
#pragma once

#include "tests/serialization/bytes.hpp"

#include <troupe/exception.hpp>

#include <exception>
#include <string>

namespace exceptions {

/// The bytes in which what `act` throws crosses.
template <class Act>
bytes::block saved(Act act) {
  troupe::detail::buffer b;
  troupe::detail::buffer_sink to{b};
  troupe::writer out{to};
  try {
    act();
  } catch (...) {
    troupe::detail::save_current_exception(out);
  }
  to.done();
  return bytes::exactly(b.view());
}

inline std::exception_ptr loaded(bytes::view in) {
  troupe::reader from{in};
  return troupe::detail::load_exception(from, "worker/1", 4711);
}

template <class Act>
std::exception_ptr crossed(Act act) {
  return loaded(saved(act));
}

template <class E>
bool is(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}

template <class E>
E as(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const E& e) {
    return e;
  }
}

inline std::string what(const std::exception_ptr& p) {
  try {
    std::rethrow_exception(p);
  } catch (const std::exception& e) {
    return e.what();
  }
}

inline troupe::task_error error(const std::exception_ptr& p) { return as<troupe::task_error>(p); }

}  // namespace exceptions
