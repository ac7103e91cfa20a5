// troupe bench: what a task costs, next to what others take for the same job in the same run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// Seconds, once; or nothing if it cannot be measured here.
using measurement = std::function<std::optional<double>()>;

struct bench_row {
  std::string id;         ///< of the goal
  std::string job;
  std::string unit;       ///< of the two figures: "us" or "ms"
  std::string reference;  ///< the peer's name
  double goal;            ///< ours / reference, at most
  measurement ours;
  measurement theirs;
  std::string needs;      ///< what to install if the peer is missing
};

// Peers; each gives the seconds of one operation. Processes are forked by some: call them before
// any thread exists, or through others' programs.
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
