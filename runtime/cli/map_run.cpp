#include "runtime/cli/console.hpp"
#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/interrupts.hpp"
#include "runtime/cli/map.hpp"
#include "runtime/cli/map_input.hpp"
#include "runtime/cli/map_job.hpp"

#include <troupe/cpu.hpp>
#include <troupe/pool.hpp>

#include <fmt/format.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto patience = 1s;

// A command that was handed to the pool.
struct job {
  std::string argument;
  std::vector<std::string> argv;
  future<job_result> result;
  bool ended = false;
};

class map_run {
 public:
  explicit map_run(const map_options& o);
  int operator()();

 private:
  bool open_joblog();
  bool open_pool();
  void heed_user();
  void start_some();
  void start(std::string argument);
  void take_ended();
  void print(std::size_t number);
  void count(const job_result& r);
  void stop();  // start no more
  void kill();  // and end what runs
  void signalled(int count);
  void close();
  void sum_up();
  int code();

  const map_options& o_;
  map_news news_;
  std::mutex mutex_;  // for the next two
  std::vector<std::size_t> ended_;
  std::unique_ptr<troupe::pool> pool_;
  interrupts interrupts_;  // before the system, whose threads inherit the mask
  console out_;
  map_input input_;
  std::unique_ptr<troupe::system> system_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> joblog_{nullptr, &std::fclose};
  std::map<std::size_t, job> jobs_;  // by number: those not printed yet
  std::size_t open_ = 0;             // so many of them have not ended
  std::size_t window_ = 1;           // so many of them at most
  std::size_t started_ = 0, ok_ = 0, failed_ = 0;
  bool stopped_ = false, interrupted_ = false, stuck_ = false;
  bool killed_one_ = false;  // a signal did
  int failure_ = 0;          // exit code
  clock::time_point began_ = clock::now();
};

map_run::map_run(const map_options& o)
    : o_(o),
      interrupts_([this](int count) { signalled(count); }),
      out_(o.run.progress, o.run.quiet),
      input_(o.arguments, o.zeros ? '\0' : '\n') {}

int map_run::operator()() {
  if (!open_joblog()) return exit_code::usage;
  if (!o_.dry_run && !open_pool()) return exit_code::no_workers;
  out_.bar.begin("map", o_.arguments ? o_.arguments->size() : progress::unknown);
  for (;;) {
    heed_user();
    start_some();
    const bool more = !stopped_ && !input_.over();
    if (open_ == 0 && !more) break;
    // Not before there is room for it.
    const bool read = more && jobs_.size() < window_;
    if (news_.wait(read) && read) input_.read_some();
    take_ended();
    out_.bar.update(ok_ + failed_);
  }
  out_.bar.end();
  close();
  sum_up();
  if (stuck_) {
    std::fflush(nullptr);
    std::_Exit(code());
  }
  return code();
}

bool map_run::open_joblog() {
  if (o_.joblog.empty()) return true;
  joblog_.reset(std::fopen(o_.joblog.c_str(), "we"));
  if (!joblog_) {
    out_.complain("the joblog cannot be written: " + o_.joblog + ": " + std::strerror(errno));
    return false;
  }
  std::fprintf(joblog_.get(), "%s\n", joblog_head().c_str());
  return true;
}

bool map_run::open_pool() try {
  auto workers = o_.run.workers != 0 ? o_.run.workers : cpu_count();
  if (o_.arguments) workers = std::clamp<std::size_t>(o_.arguments->size(), 1, workers);
  // Enough ahead that no worker waits for this thread; in order, that none waits for a slow one.
  window_ = (o_.keep_order ? 16 : 2) * workers;
  system_ = std::make_unique<troupe::system>();
  auto made = std::make_unique<troupe::pool>(
      *system_, pool_options{.workers = workers, .where = placement::thread, .name = "map",
                             .grace = patience});
  const std::lock_guard hold{mutex_};
  pool_ = std::move(made);
  if (interrupts_.count() >= 2) pool_->terminate();
  return true;
} catch (const std::exception& e) {
  out_.complain(fmt::format("the workers could not be started: {}", e.what()));
  return false;
}

void map_run::heed_user() {
  if (out_.closed() && !std::exchange(stopped_, true)) kill();  // nobody reads the results
  if (interrupts_.count() == 0 || std::exchange(interrupted_, true)) return;
  stop();
  if (open_ != 0)
    out_.say("interrupted: waiting for the commands that run; once more kills them");
}

void map_run::start_some() {
  while (!stopped_ && (o_.dry_run || jobs_.size() < window_)) {
    auto argument = input_.next();
    if (!argument) break;
    if (o_.dry_run) out_.result(shell_quoted(fill_in(o_.command, *argument)));
    else start(*std::move(argument));
    if (o_.dry_run && out_.closed()) break;
  }
  if (input_.error().empty() || failure_ != 0) return;
  failure_ = exit_code::task_failed;
  out_.complain(input_.error());
}

void map_run::start(std::string argument) {
  auto& j = jobs_[started_ + 1];
  j.argv = fill_in(o_.command, argument);
  j.argument = std::move(argument);
  try {
    j.result = pool_->submit<run_job>(j.argv, o_.run.timeout, o_.halt != halting::never);
  } catch (const troupe::closed_error&) {  // it was terminated meanwhile
    jobs_.erase(started_ + 1);
    return stop();
  }
  ++open_;
  j.result.then([this, number = ++started_](const auto&) {
    const std::lock_guard hold{mutex_};
    ended_.push_back(number);
    if (ended_.size() == 1) news_.ring();
  });
}

void map_run::take_ended() {
  std::vector<std::size_t> ended;
  {
    const std::lock_guard hold{mutex_};
    ended.swap(ended_);
  }
  for (const auto number : ended) {
    jobs_[number].ended = true;
    --open_;
    if (!o_.keep_order) print(number);
  }
  while (!jobs_.empty() && jobs_.begin()->second.ended) print(jobs_.begin()->first);
}

void map_run::print(std::size_t number) {
  const auto j = std::move(jobs_.extract(number).mapped());
  const auto outcome = j.result.outcome();
  if (!outcome) return;  // cancelled, for all else comes as a result
  const auto& r = *outcome;
  if (r.how == job_end::skipped) return;
  count(r);
  const auto& p = r.process;
  out_.write(o_.tag ? tagged(j.argument, p.out) : p.out);
  out_.pass_error(o_.tag ? tagged(j.argument, p.err) : p.err);
  if (!r.error.empty()) out_.complain(r.error);
  if (!joblog_) return;
  std::fprintf(joblog_.get(), "%s\n", joblog_line(number, r, j.argv).c_str());
  std::fflush(joblog_.get());
}

void map_run::count(const job_result& r) {
  if (r.how == job_end::ok) {
    ++ok_;
    return;
  }
  ++failed_;
  killed_one_ |= r.how == job_end::killed;
  if (r.how == job_end::not_started && r.hopeless) {
    if (failure_ == 0) failure_ = exit_code::no_workers;
    if (o_.command[0].find("{}") == std::string::npos) stop();
  }
  if (o_.halt != halting::never) stop();
  if (o_.halt == halting::now) kill();
}

void map_run::stop() {
  stopped_ = true;
  halt_jobs();
}

void map_run::kill() {
  stop();
  const std::lock_guard hold{mutex_};
  if (pool_) pool_->terminate();
}

// On the thread of the signals: this one may be waiting for a reader of stdout.
void map_run::signalled(int count) {
  halt_jobs();
  if (count >= 2) {
    const std::lock_guard hold{mutex_};
    if (pool_) pool_->terminate();
  }
  news_.ring();
}

// Not under the lock, nor by the destructor: the user may lose patience while it waits.
void map_run::close() {
  if (!pool_) return;
  pool_->close();
  if (!pool_->join(3 * patience)) {
    stuck_ = true;
    return;
  }
  const std::lock_guard hold{mutex_};
  pool_.reset();
}

void map_run::sum_up() {
  const int signal = interrupts_.signal();
  if (out_.closed()) return;
  const auto all = o_.arguments ? o_.arguments->size() : started_;
  const auto not_finished = all - ok_ - failed_;
  if (signal == 0 && (o_.dry_run || o_.run.quiet || ok_ == all)) return;
  auto line = fmt::format("{} command{}: {} ok", all, all == 1 ? "" : "s", ok_);
  if (failed_ != 0) line += fmt::format(", {} failed", failed_);
  if (not_finished != 0) line += fmt::format(", {} not finished", not_finished);
  const std::chrono::duration<double> took = clock::now() - began_;
  line += fmt::format(", in {:.2f} s", took.count());
  if (signal != 0) line += fmt::format("; interrupted by {}", signal == 2 ? "SIGINT" : "SIGTERM");
  out_.say(line);
}

int map_run::code() {
  if (!out_.write_error().empty()) {
    out_.complain("the results cannot be written: " + out_.write_error());
    return exit_code::task_failed;
  }
  if (out_.closed()) return exit_code::nobody_reads;
  if (interrupts_.signal() != 0) return exit_code::signalled + interrupts_.signal();
  if (failure_ != 0) return failure_;
  if (killed_one_) return exit_code::worker_lost;
  return failed_ != 0 ? exit_code::task_failed : exit_code::ok;
}

}  // namespace

int map_commands(const map_options& options) { return map_run{options}(); }

}  // namespace troupe::cli
