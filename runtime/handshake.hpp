// The first words between a host and a worker process, on their socket.
#pragma once

#include <troupe/codec.hpp>

#include <string>

namespace troupe::detail {

/// Both sides must agree on every word of it: protocol, layout, compiler's way with data.
inline std::string build_identity() {
  return "troupe " TROUPE_VERSION ", wire format 1, mailbox 2, " +
         std::string{sizeof(void*) == 8 ? "64" : "32"} + " bit, " +
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
         "cxx11 abi"
#else
         "old abi"
#endif
      ;
}

/// host → worker
struct welcome_message {
  std::string identity;
  std::string worker_name;
  std::uint64_t worker_id = 0;
  std::int32_t host_pid = 0;
  std::uint64_t memory_limit = 0;
  std::uint64_t max_frame = 0;
  std::uint64_t owner = 0;  ///< of the host's objects
  std::string initializer;  ///< an encoded function<void()>

  template <class Archive>
  void serialize(Archive& ar) {
    ar(identity, worker_name, worker_id, host_pid, memory_limit, max_frame, owner, initializer);
  }
};

/// worker → host
struct hello_message {
  std::string identity;
  std::int32_t pid = 0;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(identity, pid);
  }
};

}  // namespace troupe::detail
