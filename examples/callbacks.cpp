// Being told instead of waiting: then, and co_await. Both run on the system's callback thread.
#include <coroutine>
#include <cstdio>
#include <future>
#include <troupe/troupe.hpp>

int add(int a, int b) { return a + b; }

struct fire_and_forget {  // the smallest coroutine there is
  struct promise_type {
    fire_and_forget get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

fire_and_forget chain(troupe::pool& pool, std::promise<int>& done) {
  const int three = co_await pool.submit<add>(1, 2);
  const int seven = co_await pool.submit<add>(three, 4);
  done.set_value(seven);
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};

  std::promise<int> told;
  pool.submit<add>(20, 22).then([&](const troupe::future<int>& f) { told.set_value(f.get()); });
  std::printf("%d\n", told.get_future().get());

  std::promise<int> chained;
  chain(pool, chained);
  std::printf("%d\n", chained.get_future().get());
}
