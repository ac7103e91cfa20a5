// expect: a view \(string_view, span\) owns nothing
#include <troupe/callable.hpp>

std::string_view name(int) { return "x"; }
auto& entry = troupe::detail::static_callable<name>::entry;
