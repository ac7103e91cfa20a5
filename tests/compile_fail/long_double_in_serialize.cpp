// expect: long double cannot be sent
#include <troupe/portable.hpp>

struct precise {
  long double value = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(value);
  }
};
auto bytes = troupe::detail::encoded(precise{});
