#include "runtime/cli/map_job.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <cerrno>

namespace troupe::cli {

namespace {

std::atomic<bool> halted{false};

using wall = std::chrono::system_clock;
using std::chrono::duration_cast;

double seconds(auto d) { return std::chrono::duration<double>(d).count(); }

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view{"_-+=.,:/@%"}.find(c) != std::string_view::npos;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// As \n, \t, \x1b; within $'' quotes that is what a shell reads, too.
std::string escaped(const std::string& s, std::string_view also) {
  std::string e;
  for (const char c : s) {
    if (c == '\n') e += "\\n";
    else if (c == '\t') e += "\\t";
    else if (is_control(c)) e += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else if (also.find(c) != std::string_view::npos) e += {'\\', c};
    else e += c;
  }
  return e;
}

std::string quoted(const std::string& word) {
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  if (std::ranges::any_of(word, is_control)) return "$'" + escaped(word, "'\\") + "'";
  std::string s = "'";
  for (const char c : word) {
    if (c == '\'') s += "'\\''";
    else s += c;
  }
  return s + "'";
}

void run_into(job_result& r, const std::vector<std::string>& argv, duration timeout) try {
  r.process = troupe::run(argv, {.capture = true, .input = "", .timeout = timeout});
  r.how = r.process.status.ok()            ? job_end::ok
          : r.process.status.signal != 0 ? job_end::killed
                                         : job_end::failed;
  // In the words of the library.
  if (r.how == job_end::killed) r.error = called_process_error{{argv, r.process.status}}.what();
} catch (const command_timeout& e) {
  r.how = job_end::timed_out;
  r.process = e.process();
  r.error = command_timeout{{argv}, timeout}.what();  // its stderr is passed on as it is
} catch (const start_error& e) {
  r.how = job_end::not_started;
  r.error = e.what();
  r.hopeless = e.errno_value() != E2BIG;
} catch (const usage_error& e) {
  r.how = job_end::not_started;
  r.error = e.what();
}

}  // namespace

std::vector<std::string> fill_in(const std::vector<std::string>& command,
                                 const std::string& argument) {
  auto argv = command;
  bool placed = false;
  for (auto& word : argv) {
    for (std::size_t at = 0; (at = word.find("{}", at)) != std::string::npos;) {
      word.replace(at, 2, argument);
      at += argument.size();
      placed = true;
    }
  }
  if (!placed) argv.push_back(argument);
  return argv;
}

std::string shell_quoted(const std::vector<std::string>& argv) {
  std::string s;
  for (const auto& word : argv) s += (s.empty() ? "" : " ") + quoted(word);
  return s;
}

void halt_jobs() noexcept { halted = true; }

job_result run_job(const std::vector<std::string>& argv, duration timeout, bool halt_on_failure) {
  job_result r;
  if (halted) return r;
  r.began = seconds(wall::now().time_since_epoch());
  const auto began = std::chrono::steady_clock::now();
  run_into(r, argv, timeout);
  r.ran = seconds(std::chrono::steady_clock::now() - began);
  if (halt_on_failure && r.how != job_end::ok) halt_jobs();
  return r;
}

std::string joblog_head() {
  return "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand";
}

std::string joblog_line(std::size_t number, const job_result& r,
                        const std::vector<std::string>& argv) {
  const auto& s = r.process.status;
  const int code = r.how == job_end::not_started ? 127 : s.code;  // as a shell would say
  return fmt::format("{}\t:\t{:.3f}\t{:10.3f}\t0\t{}\t{}\t{}\t{}", number, r.began, r.ran,
                     r.process.out.size(), s.signal != 0 ? 0 : code, s.signal, shell_quoted(argv));
}

std::string tagged(const std::string& tag, const std::string& text) {
  const auto head = escaped(tag, "") + "\t";
  std::string s;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
    s += head;
    s.append(text, at, end - at);
    at = end;
  }
  return s;
}

}  // namespace troupe::cli
