// What the handles in the public headers are built on.
#pragma once

#include "runtime/object.hpp"

#include <troupe/system.hpp>

namespace troupe::detail {

/// Throws closed_error after the system's end.
object_ref make_object(system& sys, object_kind kind, std::unique_ptr<object_state> state);
/// Throws usage_error for a handle without an object.
const object_ref& need_object(const object_ref& ref, const char* what);
/// The answer; throws what refuse() throws unless it is `done`.
reply demand(const object_ref& ref, call&& c, const char* what);
/// False: it could not be done in time, or not at once.
bool demand_in_time(const object_ref& ref, call&& c, const char* what);

inline steady_time until(duration timeout) noexcept {
  return timeout == duration::max() ? never : time_after(timeout);
}
/// "1.5 s", "20 ms"
std::string in_words(duration d);

}  // namespace troupe::detail
