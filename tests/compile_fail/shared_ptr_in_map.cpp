// expect: a smart pointer cannot be sent
#include <troupe/portable.hpp>

using sent = std::map<std::string, std::vector<std::shared_ptr<int>>>;
static_assert(troupe::detail::check_portable<sent>::value);
