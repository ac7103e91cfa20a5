// Troupe in a program that has a CAF actor system already.
#include <caf/all.hpp>
#include <cstdio>
#include <troupe/caf.hpp>
#include <troupe/troupe.hpp>

int cube(int x) { return x * x * x; }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  caf::actor_system_config config;
  caf::actor_system mine{config};
  {
    troupe::system sys = troupe::attach(mine);
    troupe::pool pool{sys, {.workers = 2}};
    caf::scoped_actor self{mine};
    // The pool's answer goes to an actor as any message does.
    pool.submit<cube>(3).then([to = caf::actor_cast<caf::actor>(self)](const troupe::future<int>& f) {
      caf::anon_send(to, f.get());
    });
    self->receive([](int y) { std::printf("%d\n", y); });
  }
}
