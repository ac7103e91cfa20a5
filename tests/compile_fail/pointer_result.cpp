// expect: a pointer cannot be sent
#include <troupe/callable.hpp>

const char* name(int) { return ""; }
auto& entry = troupe::detail::static_callable<name>::entry;
