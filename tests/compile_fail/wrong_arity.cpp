// expect: this function takes another number of arguments
#include <troupe/callable.hpp>

int plus(int a, int b) { return a + b; }
void test(troupe::writer& to) { troupe::detail::static_callable<plus>::save_args(to, 1); }
