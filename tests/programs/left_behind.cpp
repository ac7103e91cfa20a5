// A task in a thread ignores its stop token past the grace: the pool and the system end all the
// same, it is told, and the program ends with exit code 0.
#include <troupe/troupe.hpp>

#include <atomic>
#include <thread>

using namespace std::chrono_literals;

namespace {

std::atomic<bool> running{false}, let_go{false}, told{false};

void deaf() {
  running = true;
  while (!let_go) std::this_thread::sleep_for(1ms);
}

}  // namespace

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::future<void> f;
  {
    troupe::system sys{{.on_event = [](const troupe::system_event& e) {
      if (e.kind == "worker_left_behind") told = true;
    }}};
    troupe::pool p{sys, {.workers = 1, .where = troupe::placement::thread, .grace = 20ms}};
    f = p.submit<deaf>();
    while (!running) std::this_thread::sleep_for(1ms);
    p.terminate();
    if (!p.join(20s)) return 1;
  }
  if (!f.cancelled()) return 2;
  for (int i = 0; i < 5000 && !told; ++i) std::this_thread::sleep_for(1ms);
  if (!told) return 3;
  let_go = argc > 1;  // with an argument the thread ends before the program does
  if (let_go) std::this_thread::sleep_for(20ms);
  return 0;
}
