// One command of `troupe map`.
#pragma once

#include <troupe/command.hpp>

#include <string>
#include <vector>

namespace troupe::cli {

/// The command with the argument in the place of each {}, or behind it if it has none.
std::vector<std::string> fill_in(const std::vector<std::string>& command,
                                 const std::string& argument);

/// For a shell to read back, in one line.
std::string shell_quoted(const std::vector<std::string>& argv);

enum class job_end { ok, failed, killed, timed_out, not_started, skipped };

/// What a task comes back with.
struct job_result {
  job_end how = job_end::skipped;
  completed_process process;
  std::string error;          ///< in words, unless it exited by itself
  bool hopeless = false;      ///< not started, for a reason that holds for each command
  double began = 0, ran = 0;  ///< seconds since the epoch; seconds
};

/// A task for threads: with halt_on_failure, what lies ready behind a failed command is skipped,
/// as all is after halt_jobs().
job_result run_job(const std::vector<std::string>& argv, duration timeout, bool halt_on_failure);
void halt_jobs() noexcept;

/// "Seq Host Starttime JobRuntime Send Receive Exitval Signal Command", by tabs.
std::string joblog_head();
std::string joblog_line(std::size_t number, const job_result& r,
                        const std::vector<std::string>& argv);

/// Each line with the tag and a tab ahead.
std::string tagged(const std::string& tag, const std::string& text);

}  // namespace troupe::cli
