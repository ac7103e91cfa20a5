#include <troupe/error.hpp>

#include <cstring>
#include <ostream>
#include <utility>

namespace troupe {

namespace {

std::string signal_name(int signal) {
  const char* abbreviation = sigabbrev_np(signal);
  return (abbreviation != nullptr ? std::string{"SIG"} + abbreviation : std::string{"signal"}) +
         " (" + std::to_string(signal) + ")";
}

std::string sentence(const loss& l) {
  std::string s = "worker ";
  s += l.worker.empty() ? "process" : l.worker;
  s += " (pid " + std::to_string(l.pid) + ") was lost";
  if (l.task != 0) {
    s += l.phase == phase::not_started ? " before it started task " : " while it ran task ";
    s += std::to_string(l.task);
    if (l.attempt > 1) s += ", attempt " + std::to_string(l.attempt);
    if (l.phase == phase::result_unknown) s += ", its result unknown";
  }
  s += ": " + l.status.to_string();
  if (!l.detail.empty()) s += " (" + l.detail + ")";
  if (!l.stderr_tail.empty()) s += "; last words: " + l.stderr_tail;
  return s;
}

}  // namespace

std::string exit_status::to_string() const {
  if (!known) return "exit status unknown";
  if (signal == 0) return "exit " + std::to_string(code);
  return "killed by " + signal_name(signal) + (core_dumped ? ", core dumped" : "");
}

std::ostream& operator<<(std::ostream& out, const exit_status& s) { return out << s.to_string(); }

const char* to_string(phase p) noexcept {
  switch (p) {
    case phase::not_started: return "not started";
    case phase::started: return "started";
    case phase::result_unknown: return "result unknown";
  }
  return "?";
}

start_error::start_error(const std::string& what, int errno_value, std::string path)
    : error(what), errno_(errno_value), path_(std::move(path)) {}

worker_lost::worker_lost(loss what) : error(sentence(what)), loss_(std::move(what)) {}

pool_broken::pool_broken(const std::string& what, std::vector<std::string> deaths)
    : error(what), deaths_(std::move(deaths)) {}

task_error::task_error(facts f) : error(f.what), facts_(std::move(f)) {}

std::string task_error::describe() const {
  std::string s = (facts_.type_name.empty() ? "unknown exception" : facts_.type_name) + ": " +
                  facts_.what + " [worker " + facts_.worker + ", pid " +
                  std::to_string(facts_.pid) + "]";
  for (const auto& c : facts_.nested) s += "; caused by " + c.type_name + ": " + c.what;
  return s;
}

}  // namespace troupe
