// expect: binary_data takes numbers only
#include <troupe/portable.hpp>

struct padded {
  char c = 0;
  double d = 0;
};
struct holder {
  padded p;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(cereal::binary_data(&p, sizeof p));
  }
};
auto bytes = troupe::detail::encoded(holder{});
