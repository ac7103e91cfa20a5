// troupe bench: what a task costs, next to what others take for the same job in the same run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// Seconds (or MiB), once; or nothing if it cannot be measured here.
using measurement = std::function<std::optional<double>()>;

struct bench_row {
  std::string id;         ///< of the goal
  std::string job;
  std::string unit;       ///< to show both in: "us" or "ms"; "MiB" if they are no times
  std::string reference;  ///< the peer's name
  double goal;            ///< ours / reference, at most
  measurement ours;
  measurement theirs;
  std::string needs;      ///< what to install if the peer is missing
};

// Goals that are limits.
std::optional<double> primes_in_a_loop();
std::optional<double> primes_in_two_workers();
std::optional<double> death_to_next_result();
std::optional<double> growth_of_a_lazy_map();
std::optional<double> cpu_of_an_idle_pool();  ///< seconds a second, all its processes together
std::optional<double> memory_of_an_idle_worker();

// Peers; each gives the seconds of one operation. Processes are forked by some: call them while no
// other thread exists.
std::optional<double> pipe_round_trip();
std::optional<double> zeromq_pipelined();
std::optional<double> mpi_echo_16mib();
std::optional<double> python_pool_map();
std::optional<double> python_pool_start();
std::optional<double> python_queue();
std::optional<double> asio_round_trip();
std::optional<double> asio_streaming();
std::optional<double> tbb_parallel_for();

}  // namespace troupe::cli
