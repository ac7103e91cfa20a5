// expect: Cereal does not support serializing raw pointers
#include <troupe/portable.hpp>

struct node {
  node* next = nullptr;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(next);
  }
};
auto bytes = troupe::detail::encoded(node{});
