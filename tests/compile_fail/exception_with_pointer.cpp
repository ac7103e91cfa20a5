// expect: this type cannot be sent
#include <troupe/exception.hpp>

struct trouble {
  int* where = nullptr;
};
auto registered = troupe::register_exception<trouble>();
