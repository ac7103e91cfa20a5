// Workers made in a loop; the system's end waits for them.
#include <cstdio>
#include <troupe/troupe.hpp>

void worker(int num) { std::printf("Worker: %d\n", num); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  for (int i = 0; i < 5; ++i) sys.spawn<worker>({}, i);
}
