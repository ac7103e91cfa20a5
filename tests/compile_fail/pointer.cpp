// expect: a pointer cannot be sent
#include <troupe/callable.hpp>

int length(const char* text) { return text[0]; }
auto& entry = troupe::detail::static_callable<length>::entry;
