// expect: a callable with captures or other unportable data cannot be sent
#include <troupe/callable.hpp>

template <class Fn>
void submit(Fn) {
  (void)troupe::detail::object_callable<Fn, int>::entry.key;
}
void test(int n) {
  submit([n](int x) { return n + x; });
}
