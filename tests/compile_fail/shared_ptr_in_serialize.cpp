// expect: a smart pointer cannot be sent
#include <troupe/portable.hpp>

struct node {
  std::shared_ptr<node> next;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(next);
  }
};
auto bytes = troupe::detail::encoded(node{});
