#include "runtime/cli/report.hpp"

#include "runtime/cli/exit_code.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace troupe::cli {

namespace {

double seconds(duration d) { return std::chrono::duration<double>(d).count(); }

const char* name_of_signal(int signal) { return signal == 2 ? "SIGINT" : "SIGTERM"; }

json null_if_empty(const std::string& s) { return s.empty() ? json{} : json(s); }

}  // namespace

task_end end_of_failed_task(const std::exception_ptr& error) {
  task_end end;
  end.how = ending::failed;
  try {
    std::rethrow_exception(error);
  } catch (const troupe::worker_lost& e) {
    end.how = ending::lost;
    end.error = e.what();
    end.worker = e.worker();
    end.pid = e.pid();
  } catch (const troupe::pool_broken& e) {
    end.how = ending::lost;
    end.error = e.what();
  } catch (const troupe::cancelled_error& e) {
    end.how = ending::cancelled;
    end.error = e.what();
  } catch (const troupe::task_error& e) {
    end.error = e.describe();
    end.worker = e.worker();
    end.pid = e.pid();
  } catch (const std::exception& e) {
    end.error = e.what();
  }
  return end;
}

void tally::count(const task_end& end) {
  switch (end.how) {
    case ending::ok:
      ++ok;
      break;
    case ending::lost:
      ++lost;
      [[fallthrough]];
    case ending::failed:
      ++failed;
      break;
    case ending::cancelled:
      ++cancelled;
      return;
  }
  if (end.worker.empty()) return;
  const auto same = [&](const worker_share& w) { return w.name == end.worker && w.pid == end.pid; };
  auto at = std::find_if(workers.begin(), workers.end(), same);
  if (at == workers.end()) at = workers.insert(at, {end.worker, end.pid});
  ++at->tasks;
  at->busy += end.ran;
}

void tally::add(const tally& o) {
  tasks += o.tasks;
  ok += o.ok;
  failed += o.failed;
  lost += o.lost;
  cancelled += o.cancelled;
  wall += o.wall;
}

report::report(console& out, const run_options& options) : out_(out), options_(options) {}

void report::task(std::size_t task, const task_end& end) {
  if (end.how == ending::cancelled) return;
  if (!options_.json) {
    if (end.how != ending::ok && !end.told)
      out_.complain(
          fmt::format("task {} ({}) failed: {}", first_ + task, end.input.dump(), end.error));
    return;
  }
  json line{{"task", first_ + task}, {"input", end.input}, {"ok", end.how == ending::ok}};
  if (end.how == ending::ok)
    line["result"] = end.result;
  else
    line["error"] = end.error;
  if (end.how == ending::lost) line["lost"] = true;
  line["worker"] = null_if_empty(end.worker);
  line["pid"] = end.pid != 0 ? json(end.pid) : json{};
  line["ran_s"] = seconds(end.ran);
  line.update(tags);
  out_.result(line.dump(-1, ' ', false, json::error_handler_t::replace));
}

void report::add(const tally& run) {
  total_.add(run);
  first_ += run.tasks;
  add_comparison(run);
}

void report::used(placement where, std::size_t workers) {
  most_workers_ = std::max(most_workers_, where == placement::inline_ ? 1 : workers);
  const std::string name = to_string(where);
  if (std::find(places_.begin(), places_.end(), name) == places_.end()) places_.push_back(name);
}

void report::lost_workers(const std::vector<std::string>& deaths) {
  if (deaths.empty()) return;
  lost_a_worker_ = true;
  summary["lost_workers"] = deaths.size();
  if (total_.lost != 0) return;  // the tasks' errors have told
  for (const auto& death : deaths) out_.complain(death);
}

void report::wrong(const std::string& what) {
  wrong_ = true;
  out_.complain("wrong answer: " + what);
}

void report::fail(int code, const std::string& why) {
  if (failure_ == 0) failure_ = code;
  out_.complain(why);
}

void report::print_summary(int signal) {
  if (options_.json) {
    json s{{"tasks", total_.tasks},
           {"ok", total_.ok},
           {"failed", total_.failed},
           {"lost", total_.lost},
           {"wall_s", total_.wall_s()},
           {"workers", most_workers_},
           {"where", fmt::format("{}", fmt::join(places_, ","))}};
    if (total_.cancelled != 0) s["cancelled"] = total_.cancelled;
    if (signal != 0) s["interrupted"] = name_of_signal(signal);
    s.update(summary);
    out_.result(json{{"summary", s}}.dump());
    return;
  }
  const bool fine = signal == 0 && total_.complete();
  if (fine && (options_.quiet || failure_ != 0)) return;
  auto line =
      fmt::format("{} task{}: {} ok", total_.tasks, total_.tasks == 1 ? "" : "s", total_.ok);
  if (total_.failed != 0) line += fmt::format(", {} failed", total_.failed);
  if (total_.lost != 0) line += fmt::format(" ({} with their worker)", total_.lost);
  if (total_.cancelled != 0) line += fmt::format(", {} not finished", total_.cancelled);
  line += fmt::format(", in {:.2f} s", total_.wall_s());
  if (signal != 0) line += fmt::format("; interrupted by {}", name_of_signal(signal));
  out_.say(line);
}

int report::exit_code(int signal) {
  if (!out_.write_error().empty()) {
    out_.complain("the results cannot be written: " + out_.write_error());
    return exit_code::task_failed;
  }
  if (out_.closed()) return exit_code::nobody_reads;
  if (signal != 0) return exit_code::signalled + signal;
  if (wrong_) return exit_code::wrong_answer;
  if (failure_ != 0) return failure_;
  if (lost_a_worker_) return exit_code::worker_lost;
  return total_.failed != 0 ? exit_code::task_failed : exit_code::ok;
}

}  // namespace troupe::cli
