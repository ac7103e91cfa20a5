// expect: this argument does not convert to the parameter's type
#include <troupe/callable.hpp>

int twice(int x) { return 2 * x; }
void test(troupe::writer& to) {
  troupe::detail::static_callable<twice>::save_args(to, std::string{"two"});
}
