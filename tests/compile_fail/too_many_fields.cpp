// expect: this type cannot be sent: give it a cereal `serialize` function
#include <troupe/portable.hpp>

struct wide {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};
static_assert(troupe::detail::check_portable<wide>::value);
