// expect: give a function as template argument
#include <troupe/callable.hpp>

int twice(int x) { return 2 * x; }
template <class Fn>
void submit(Fn) {
  (void)troupe::detail::object_callable<Fn, int>::entry.key;
}
void test() { submit(&twice); }
