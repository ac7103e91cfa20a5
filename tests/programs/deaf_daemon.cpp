// A daemon in a thread ignores its stop token: the system ends all the same after the grace, the
// handle and the result say what happened, and the program ends with exit code 0.
#include <troupe/troupe.hpp>

#include <atomic>
#include <thread>

using namespace std::chrono_literals;

namespace {

std::atomic<bool> running{false};

void deaf() {
  for (running = true;;) std::this_thread::sleep_for(1ms);
}

int check() {
  std::optional<troupe::system> sys{std::in_place};
  const auto w = sys->spawn<deaf>(
      {.where = troupe::placement::thread, .daemon = true, .grace = 20ms});
  while (!running) std::this_thread::sleep_for(1ms);
  w.kill();
  if (w.join(50ms)) return 1;
  sys.reset();
  if (w.alive() || w.exit_status()->known) return 2;
  try {
    w.result().get();
  } catch (const troupe::worker_lost& e) {
    return e.detail().find("left behind") == std::string::npos ? 3 : 0;
  }
  return 4;
}

}  // namespace

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  return check();
}
