// What the system offers to workers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

struct limit {
  std::string name;                         ///< open files
  std::string symbol;                       ///< RLIMIT_NOFILE
  std::optional<std::uint64_t> soft, hard;  ///< nothing: unlimited
  bool bytes = false;
};

struct call_check {
  std::string name;   ///< pidfd_open
  std::string since;  ///< Linux 5.3
  std::string error;  ///< "" if it works
};

struct machine {
  std::string kernel;         ///< Linux 6.1.0
  std::size_t online = 0;     ///< logical processors
  std::vector<int> affinity;  ///< those that this process may run on
  std::uint64_t memory = 0;   ///< bytes; 0: unknown
  std::uint64_t available = 0;
  std::vector<limit> limits;
  std::vector<call_check> calls;
};

machine inspect_machine();

}  // namespace troupe::cli
