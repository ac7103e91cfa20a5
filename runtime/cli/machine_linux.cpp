#include "runtime/cli/machine.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>

namespace troupe::cli {

namespace {

std::vector<int> allowed_processors() {
  std::vector<int> allowed;
  constexpr int most = 8192;
  cpu_set_t* set = CPU_ALLOC(most);
  const auto size = CPU_ALLOC_SIZE(most);
  if (set != nullptr && sched_getaffinity(0, size, set) == 0)
    for (int i = 0; i < most; ++i)
      if (CPU_ISSET_S(i, size, set)) allowed.push_back(i);
  CPU_FREE(set);
  return allowed;
}

std::uint64_t meminfo(const std::string& key) {
  std::ifstream file{"/proc/meminfo"};
  std::string word, rest;
  std::uint64_t kibibytes = 0;
  while (file >> word >> kibibytes) {
    std::getline(file, rest);
    if (word == key + ":") return kibibytes * 1024;
  }
  return 0;
}

limit limit_of(int resource, std::string name, std::string symbol, bool bytes) {
  rlimit r{};
  getrlimit(static_cast<__rlimit_resource_t>(resource), &r);
  const auto value = [](rlim_t v) {
    return v == RLIM_INFINITY ? std::optional<std::uint64_t>{} : std::optional<std::uint64_t>{v};
  };
  return {std::move(name), std::move(symbol), value(r.rlim_cur), value(r.rlim_max), bytes};
}

// `result`: of a system call, a descriptor or 0 if it works.
call_check checked(std::string name, std::string since, long result) {
  const int error = errno;
  if (result > 0) close(static_cast<int>(result));
  return {std::move(name), std::move(since), result < 0 ? std::strerror(error) : ""};
}

}  // namespace

machine inspect_machine() {
  machine m;
  utsname name{};
  if (uname(&name) == 0) m.kernel = std::string{name.sysname} + " " + name.release;
  m.online = static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_ONLN));
  m.affinity = allowed_processors();
  m.memory = meminfo("MemTotal");
  m.available = meminfo("MemAvailable");
  m.limits = {limit_of(RLIMIT_NOFILE, "open files", "RLIMIT_NOFILE", false),
              limit_of(RLIMIT_NPROC, "processes", "RLIMIT_NPROC", false),
              limit_of(RLIMIT_AS, "address space", "RLIMIT_AS", true),
              limit_of(RLIMIT_DATA, "data", "RLIMIT_DATA", true),
              limit_of(RLIMIT_STACK, "stack", "RLIMIT_STACK", true)};
  m.calls = {checked("pidfd_open", "Linux 5.3", syscall(SYS_pidfd_open, getpid(), 0)),
             checked("memfd_create", "Linux 3.17",
                     syscall(SYS_memfd_create, "troupe-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING)),
             // A range in which no descriptor can be.
             checked("close_range", "Linux 5.9", syscall(SYS_close_range, UINT_MAX, UINT_MAX, 0))};
  return m;
}

}  // namespace troupe::cli
