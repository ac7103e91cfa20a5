#include "tests/serialization/namesakes.hpp"

namespace {

int local_twin(int x) { return x + 1000; }

template <class Lambda>
const troupe::detail::callable_entry& entry_of(Lambda) {
  return troupe::detail::object_callable<Lambda, int>::entry;
}
const troupe::detail::callable_entry& lambda_twin() {
  return entry_of([](int x) { return x + 2000; });
}

}  // namespace

const troupe::detail::callable_entry& namesakes::their_function() {
  return troupe::detail::static_callable<local_twin>::entry;
}
const troupe::detail::callable_entry& namesakes::their_lambda() { return lambda_twin(); }
