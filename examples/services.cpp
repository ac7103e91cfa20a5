// A worker knows its name, and has one if it is given none. A service ends when it is told to.
#include <chrono>
#include <cstdio>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;

void say(const char* what) {
  std::printf("%s %s\n", troupe::this_worker::name().c_str(), what);
  std::fflush(stdout);
}

void worker() {
  say("Starting");
  troupe::tasks::sleep(20ms);
  say("Exiting");
}

void my_service(troupe::event over) {
  say("Starting");
  over.wait();
  say("Exiting");
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::event over{sys};
  auto worker_1 = sys.spawn<worker>({.name = "worker 1"});
  auto worker_2 = sys.spawn<worker>();
  auto service = sys.spawn<my_service>({.name = "my_service"}, over);
  worker_1.join();
  worker_2.join();
  over.set();
  service.join();
}
