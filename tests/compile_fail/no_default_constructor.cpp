// expect: this type cannot be sent: give it a cereal `serialize` function and a default
#include <troupe/portable.hpp>

struct named {
  explicit named(std::string n) : name(std::move(n)) {}
  std::string name;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(name);
  }
};
static_assert(troupe::detail::check_portable<std::vector<named>>::value);
