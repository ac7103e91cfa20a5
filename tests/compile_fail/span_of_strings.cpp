// expect: its elements must be numbers
#include <troupe/callable.hpp>

std::size_t count(std::span<const std::string> xs) { return xs.size(); }
auto& entry = troupe::detail::static_callable<count>::entry;
