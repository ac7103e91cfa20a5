#include "runtime/cli/session.hpp"

#include "runtime/cli/exit_code.hpp"

#include <troupe/cpu.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1s;

}  // namespace

session::session(std::string program, const run_options& o)
    : options(o),
      program_(std::move(program)),
      interrupts_([this](int count) { signalled(count); }),
      out_(o.progress, o.quiet),
      report_(out_, options) {}

session::~session() { close_pool(); }

troupe::system& session::system() {
  if (!system_) {
    troupe::system_options o;
    o.on_event = [this](const troupe::system_event& e) {
      const std::lock_guard hold{mutex_};
      if (e.kind == "worker_lost" || e.kind == "worker_not_started") losses_.push_back(e.text);
    };
    system_ = std::make_unique<troupe::system>(std::move(o));
  }
  return *system_;
}

troupe::pool& session::open_pool(placement where, std::size_t workers) {
  close_pool();
  workers_ = workers != 0 ? workers : cpu_count();
  where_ = where;
  std::unique_ptr<troupe::pool> made;
  try {
    made = std::make_unique<troupe::pool>(
        system(),
        pool_options{.workers = workers_, .where = where, .name = program_, .grace = patience});
  } catch (const troupe::usage_error&) {
    throw;
  } catch (const std::exception& e) {
    throw no_workers{e.what()};
  }
  const std::lock_guard hold{mutex_};
  pool_ = std::move(made);
  if (killing()) pool_->terminate();
  return *pool_;
}

void session::wait_for_workers() {
  const auto until = std::chrono::steady_clock::now() + 30s;
  const auto starting = [&] {
    const auto stats = pool_->stats();
    return std::ranges::any_of(stats.workers, [](const auto& w) { return w.state == "starting"; });
  };
  while (starting() && !stopping() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(1ms);
}

troupe::system& session::without_pool(placement where, std::size_t workers) {
  close_pool();
  workers_ = workers;
  where_ = where;
  try {
    return system();
  } catch (const troupe::usage_error&) {
    throw;
  } catch (const std::exception& e) {
    throw no_workers{e.what()};
  }
}

void session::close_pool() {
  if (!pool_) return;
  // Not under the lock, and before its destructor: the user may lose patience while it waits.
  pool_->close();
  if (!pool_->join(patience)) {
    stuck_ = where_ != placement::process;
    pool_->terminate();
    pool_->join();
  }
  const std::lock_guard hold{mutex_};
  pool_.reset();
}

void session::use_workers(placement where, std::size_t workers) {
  close_pool();
  workers_ = workers;
  where_ = where;
  report_.used(where, workers);
}

troupe::call_options session::call() const {
  troupe::call_options c;
  c.deadline = options.timeout;
  return c;
}

bool session::stopping() { return interrupts_.count() != 0 || out_.closed(); }

void session::on_signal(std::function<void()> fn) {
  const std::lock_guard hold{mutex_};
  on_signal_ = std::move(fn);
}

void session::on_kill(std::function<void()> fn) {
  const std::lock_guard hold{mutex_};
  on_kill_ = std::move(fn);
  if (interrupts_.count() >= 2 && on_kill_) on_kill_();
}

void session::terminate() {
  const std::lock_guard hold{mutex_};
  if (pool_) pool_->terminate();
  if (on_kill_) on_kill_();
}

void session::signalled(int count) {
  if (count >= 2) terminate();
  const std::lock_guard hold{mutex_};
  if (on_signal_) on_signal_();
}

int session::finish() {
  const bool killed = killing();
  if (!killed) close_pool();
  if (!killed && !stuck_) system_.reset();  // its last events come before its end
  tell_losses();
  const int signal = interrupts_.signal();
  if (!out_.closed()) report_.print_summary(signal);
  const int code = report_.exit_code(signal);
  if (killed || stuck_) {
    std::fflush(nullptr);
    std::_Exit(code);
  }
  return code;
}

void session::tell_losses() {
  const std::lock_guard hold{mutex_};
  report_.lost_workers(std::exchange(losses_, {}));
}

}  // namespace troupe::cli
