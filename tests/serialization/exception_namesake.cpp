#include <troupe/exception.hpp>

namespace {

struct namesake {
  int theirs = 0;
  std::string text;
};
[[maybe_unused]] void name_it() { troupe::register_exception<namesake>(); }

}  // namespace

void throw_their_namesake() { throw namesake{1, "theirs"}; }
