// Callables that another file of the test program has under the same names as registry_test.cpp.
#pragma once

#include <troupe/callable.hpp>

namespace namesakes {

const troupe::detail::callable_entry& their_function();
const troupe::detail::callable_entry& their_lambda();

}  // namespace namesakes
