// Goals that are limits, not peers: what a pool may cost while it waits, works, or loses a worker.
#include "runtime/cli/bench.hpp"
#include "runtime/cli/prime.hpp"

#include <troupe/troupe.hpp>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <ranges>
#include <sys/types.h>
#include <thread>
#include <unistd.h>

namespace troupe::cli {

namespace {

using std::chrono::steady_clock;

double seconds_since(steady_clock::time_point t) {
  return std::chrono::duration<double>(steady_clock::now() - t).count();
}

int same(int x) { return x; }

std::vector<std::uint64_t> numbers_to_test() { return random_numbers(1'000, 42); }

// In KiB, of /proc/PID/`file`; 0 if it cannot be read.
double kib_of(pid_t pid, const char* file, const std::string& key) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/" + file};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return std::strtod(line.c_str() + key.size(), nullptr);
  return 0;
}

double cpu_seconds(pid_t pid) {
  clockid_t clock;
  timespec t{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// All workers there and at rest.
std::vector<pid_t> idle_workers(const pool& p) {
  for (;;) {
    std::vector<pid_t> pids;
    const auto stats = p.stats();
    for (const auto& w : stats.workers)
      if (w.state == "idle") pids.push_back(w.pid);
    if (pids.size() == stats.workers.size()) return pids;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

}  // namespace

std::optional<double> primes_in_a_loop() {
  const auto numbers = numbers_to_test();
  const auto t = steady_clock::now();
  std::size_t primes = 0;
  for (const auto n : numbers) primes += is_prime(n) ? 1U : 0U;
  return primes != 0 ? std::optional{seconds_since(t)} : std::nullopt;
}

std::optional<double> primes_in_two_workers() {
  system sys;
  pool p{sys, {.workers = 2}};
  idle_workers(p);
  const auto numbers = numbers_to_test();
  const auto t = steady_clock::now();
  p.map<is_prime>(numbers);
  return seconds_since(t);
}

std::optional<double> death_to_next_result() {
  system sys;
  pool p{sys, {.workers = 1}};
  const auto pid = p.apply<tasks::pid>();
  const auto t = steady_clock::now();
  ::kill(pid, SIGKILL);
  for (;;) {
    const auto o = p.submit<tasks::pid>().outcome();
    if (o && *o != pid) return seconds_since(t);
  }
}

std::optional<double> growth_of_a_lazy_map() {
  system sys;
  pool p{sys, {.workers = 2}};
  p.map<same>(std::vector<int>(100'000));
  std::ofstream{"/proc/self/clear_refs"} << 5;  // forget the peak
  const auto before = kib_of(getpid(), "status", "VmHWM:");
  long sum = 0;
  for (const int x : p.imap<same>(std::views::iota(0, 10'000'000))) sum += x;
  if (sum == 0 || before == 0) return std::nullopt;
  return (kib_of(getpid(), "status", "VmHWM:") - before) / 1024;
}

std::optional<double> cpu_of_an_idle_pool() {
  system sys;
  pool p{sys, {.workers = 8}};
  auto pids = idle_workers(p);
  pids.push_back(getpid());
  std::this_thread::sleep_for(std::chrono::seconds{1});  // what a start leaves to do is done
  const auto all = [&] {
    double s = 0;
    for (const auto pid : pids) s += cpu_seconds(pid);
    return s;
  };
  const auto before = all();
  const auto t = steady_clock::now();
  std::this_thread::sleep_for(std::chrono::seconds{2});
  return (all() - before) / seconds_since(t);
}

std::optional<double> memory_of_an_idle_worker() {
  system sys;
  pool p{sys, {.workers = 1}};
  p.apply<same>(1);
  const auto kib = kib_of(idle_workers(p).at(0), "smaps_rollup", "Private_Dirty:");
  return kib != 0 ? std::optional{kib / 1024} : std::nullopt;
}

}  // namespace troupe::cli
