// expect: a reference cannot be sent
#include <troupe/callable.hpp>

const std::string& name(const std::string& s) { return s; }
auto& entry = troupe::detail::static_callable<name>::entry;
