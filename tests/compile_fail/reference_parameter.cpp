// expect: a reference to non-const would change a copy
#include <troupe/callable.hpp>

void increment(int& x) { ++x; }
auto& entry = troupe::detail::static_callable<increment>::entry;
