// A lock that processes share: each line is printed in two pieces, and none comes between them.
#include <cstdio>
#include <mutex>
#include <troupe/troupe.hpp>

void f(troupe::mutex lock, int i) {
  const std::scoped_lock hold{lock};
  std::printf("hello ");
  std::fflush(stdout);
  std::printf("world %d\n", i);
  std::fflush(stdout);
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::mutex lock{sys};
  for (int num = 0; num < 10; ++num) sys.spawn<f>({}, lock, num);
}
