// The states of a future: waiting, running, done, cancelled.
#include <chrono>
#include <cstdio>
#include <thread>
#include <troupe/troupe.hpp>

long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

// Waits to be looked at, then works.
long fib_when(troupe::event looked_at, int n) {
  looked_at.wait();
  return fib(n);
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 1}};
  troupe::event looked_at{sys};
  const auto say = [](const char* what, bool is) {
    std::printf("%s: %s\n", what, is ? "True" : "False");
  };

  auto fut = pool.submit<fib_when>(looked_at, 34);
  auto waiting = pool.submit<fib_when>(looked_at, 34);
  while (fut.state() == troupe::future_state::pending) std::this_thread::yield();
  say("fut.running()", fut.running());
  say("fut.done()", fut.done());
  say("waiting.running()", waiting.running());  // not before it really runs
  say("waiting.cancel()", waiting.cancel());
  looked_at.set();
  std::printf("%ld\n", fut.get());
  say("fut.running()", fut.running());
  say("fut.done()", fut.done());
  say("waiting.cancelled()", waiting.cancelled());
}
