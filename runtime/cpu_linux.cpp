#include <troupe/cpu.hpp>

#include "runtime/worker_factory.hpp"

#include <algorithm>
#include <fstream>
#include <sched.h>
#include <set>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

std::size_t affinity() {
  // The kernel refuses a set that is too small for it: so ask with larger and larger ones.
  for (int cpus = 1024; cpus <= 1 << 20; cpus *= 4) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(cpus));
    if (set == nullptr) break;
    const auto bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
    const int got = sched_getaffinity(0, bytes, set);
    const int n = got == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (got == 0) return static_cast<std::size_t>(n);
  }
  return std::thread::hardware_concurrency();
}

// cgroup v2: "max 100000" or "150000 100000", here and in every group above.
std::size_t quota(std::size_t most) {
  std::ifstream groups{"/proc/self/cgroup"};
  std::string line, path;
  while (std::getline(groups, line))
    if (line.starts_with("0::")) path = line.substr(3);
  for (;;) {
    std::ifstream limit{"/sys/fs/cgroup" + path + "/cpu.max"};
    std::string amount;
    double period = 0;
    if (limit >> amount >> period && amount != "max" && period > 0) {
      const double cores = std::stod(amount) / period;
      most = std::min(most, static_cast<std::size_t>(cores) + (cores > static_cast<double>(static_cast<std::size_t>(cores)) ? 1 : 0));
    }
    if (path.empty() || path == "/") return most;
    path.erase(path.find_last_of('/'));
  }
}

}  // namespace

std::size_t cpu_count() {
  const auto n = affinity();
  return std::max<std::size_t>(1, quota(n));
}

std::size_t cpu_count(physical_t) {
  std::set<std::pair<std::string, std::string>> cores;
  for (unsigned cpu = 0;; ++cpu) {
    const auto topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    std::string package, core;
    std::ifstream p{topology + "physical_package_id"}, c{topology + "core_id"};
    if (!(p >> package) || !(c >> core)) break;
    cores.insert({package, core});
  }
  return std::max<std::size_t>(1, cores.empty() ? std::thread::hardware_concurrency() : cores.size());
}

int detail::current_process_id() noexcept { return getpid(); }
int detail::parent_process_id() noexcept { return getppid(); }

}  // namespace troupe
