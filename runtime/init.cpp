#include <troupe/init.hpp>

#include "runtime/spawner.hpp"
#include "runtime/system_impl.hpp"
#include "runtime/worker_process.hpp"

#include <atomic>
#include <cstdlib>

namespace troupe {

namespace {
std::atomic<bool> called{false};
}

void init(int, char**) {
  called = true;
  if (std::getenv(detail::worker_variable) != nullptr) detail::worker_main();
}

bool detail::init_was_called() noexcept { return called; }

}  // namespace troupe
