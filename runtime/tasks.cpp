#include <troupe/tasks.hpp>

#include "runtime/park.hpp"

#include <troupe/this_worker.hpp>

#include <condition_variable>
#include <mutex>

namespace troupe::tasks {

std::string echo(std::string text) { return text; }

void sleep(duration d) {
  std::mutex mutex;
  std::condition_variable_any never_notified;
  std::unique_lock hold{mutex};
  never_notified.wait_until(hold, this_worker::stop_token(), detail::time_after(d),
                            [] { return false; });
}

int pid() { return this_worker::pid(); }

}  // namespace troupe::tasks
