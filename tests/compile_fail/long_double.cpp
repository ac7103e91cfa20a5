// expect: long double cannot be sent
#include <troupe/callable.hpp>

double half(long double x) { return static_cast<double>(x / 2); }
auto& entry = troupe::detail::static_callable<half>::entry;
