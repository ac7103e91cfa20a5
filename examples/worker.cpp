// Workers as objects: a named service and two workers that say when they start and exit. Where
// they run is one word.
#include <chrono>
#include <cstdio>
#include <string>
#include <troupe/troupe.hpp>

using namespace std::chrono_literals;

// Announces itself under the name that its worker was given; nobody tells it.
void announce(const char* what) {
  std::printf("%s %s\n", troupe::this_worker::name().c_str(), what);
  std::fflush(stdout);  // a line of its own, whoever else prints
}

void work() {
  announce("starting");
  troupe::tasks::sleep(100ms);
  announce("exiting");
}

struct service {  // the same as an object: what it needs travels with it
  std::chrono::milliseconds open;
  int requests;
  int operator()() const {
    announce("starting");
    troupe::tasks::sleep(open);
    announce("exiting");
    return requests + 1;
  }
};

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  for (const auto where : {troupe::placement::process, troupe::placement::thread}) {
    std::printf("in a %s each:\n", to_string(where));
    std::fflush(stdout);
    auto first = sys.spawn<work>({.name = "worker 1", .where = where});
    auto second = sys.spawn<work>({.where = where});  // a name by default
    auto third = sys.spawn(service{300ms, 41}, {.name = "my_service", .where = where});
    for (const auto* w : {&first, &second}) w->join();
    third.join();
    std::printf("%s: %s, result %d\n", third.name().c_str(),
                third.exit_status()->to_string().c_str(), third.result().get());
  }
  auto stuck = sys.spawn<troupe::tasks::sleep>({}, 1h);
  stuck.kill();
  stuck.join();
  std::printf("%s: %s\n", stuck.name().c_str(), stuck.exit_status()->to_string().c_str());
}
