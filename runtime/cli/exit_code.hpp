#pragma once

namespace troupe::cli {

/// What the command's exit code says. An interrupted run adds its signal to `signalled`.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int task_failed = 1;
inline constexpr int usage = 2;
inline constexpr int worker_lost = 3;
inline constexpr int wrong_answer = 4;
inline constexpr int no_workers = 5;
inline constexpr int signalled = 128;
inline constexpr int nobody_reads = signalled + 13;  ///< as for any program that SIGPIPE ends
}  // namespace exit_code

inline constexpr const char* exit_codes_explained =
    "Exit codes: 0 ok, 1 a task failed, 2 usage, 3 a worker was lost, 4 a wrong answer was found,\n"
    "5 workers could not start, 130 or 143 interrupted, 141 nobody reads the output. The first Ctrl-C\n"
    "lets running tasks finish, the second kills them.";

}  // namespace troupe::cli
