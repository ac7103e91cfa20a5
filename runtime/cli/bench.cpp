// troupe bench

#include "runtime/cli/bench.hpp"
#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/subcommand.hpp"

#include <troupe/troupe.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

namespace troupe::cli {

namespace {

int same(int x) { return x; }
std::vector<char> echo(std::span<const char> bytes) { return {bytes.begin(), bytes.end()}; }

template <class Fn>
double seconds(int times, Fn&& fn) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) fn(i);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return took.count() / times;
}

double round_trip(placement where) {
  troupe::system sys;
  pool p{sys, {.workers = 1, .where = where}};
  p.apply<same>(1);
  return seconds(10'000, [&](int i) { p.apply<same>(i); });
}

double submit_many(placement where) {
  troupe::system sys;
  pool p{sys, {.workers = 2, .where = where}};
  p.apply<same>(1);
  constexpr int n = 200'000;
  return seconds(1, [&](int) {
           std::vector<future<int>> futures;
           futures.reserve(n);
           for (int i = 0; i < n; ++i) futures.push_back(p.submit<same>(i));
           for (auto& f : futures) f.get();
         }) / n;
}

double map_ints(placement where, std::size_t n) {
  troupe::system sys;
  pool p{sys, {.workers = 2, .where = where}};
  const std::vector<int> xs(n);
  p.map<same>(xs);
  return seconds(5, [&](int) { p.map<same>(xs); }) / static_cast<double>(n);
}

double echo_16mib() {
  troupe::system sys;
  pool p{sys, {.workers = 1}};
  const std::vector<char> bytes(std::size_t{16} << 20, 'x');
  p.apply<echo>(bytes);
  return seconds(8, [&](int) { p.apply<echo>(bytes); });
}

int relay(queue<int> in, queue<int> out) {
  for (const int x : in) out.put(x);
  return 0;
}

// From the host into a queue, through a process, into another queue, and back.
double queue_streaming() {
  troupe::system sys;
  pool p{sys, {.workers = 1}};
  const queue<int> in{sys}, out{sys};
  const auto relayed = p.submit<relay>(in, out);
  in.put(1);
  out.get();
  constexpr int n = 20'000;
  const auto took = seconds(1, [&](int) {
                      for (int i = 0; i < n; ++i) in.put(i);
                      for (int i = 0; i < n; ++i) out.get();
                    }) / n;
  in.close();
  relayed.wait();
  return took;
}

double lock_and_unlock(mutex m, int n) {
  return seconds(n, [&](int) {
           m.lock();
           m.unlock();
         }) / 2;
}

// One question and its answer, from a process to the host, where nobody else wants the mutex.
double lock_round_trip() {
  troupe::system sys;
  pool p{sys, {.workers = 1}};
  const mutex m{sys};
  p.apply<lock_and_unlock>(m, 10);
  return p.apply<lock_and_unlock>(m, 5'000);
}

double start_call_stop() {
  return seconds(5, [](int) {
    troupe::system sys;
    pool p{sys, {.workers = 2}};
    p.apply<same>(1);
    p.terminate();
    p.join();
  });
}

std::vector<bench_row> rows() {
  using enum placement;
  return {
      {"S1", "process: submit and get, one at a time", "us", "pipe ping-pong of two processes", 1.0,
       [] { return round_trip(process); }, pipe_round_trip, ""},
      {"S2", "process: submit many, then get, per task", "us", "ZeroMQ ipc echo, pipelined", 1.0,
       [] { return submit_many(process); }, zeromq_pipelined, "libzmq3-dev"},
      {"S3", "process: map over 100,000 ints, per item", "us", "Python's Pool.map", 0.1,
       [] { return map_ints(process, 100'000); }, python_pool_map, "python3"},
      {"S4", "process: echo 16 MiB", "ms", "Open MPI ping-pong of 16 MiB", 0.6,
       [] { return echo_16mib(); }, mpi_echo_16mib, "openmpi-bin, libopenmpi-dev"},
      {"S5", "process: 2 workers, start, one call, stop", "ms", "Python's Pool with fork", 0.5,
       [] { return start_call_stop(); }, python_pool_start, "python3"},
      {"S6", "queue through a process and back, per item", "us", "Python's mp.Queue", 0.08,
       [] { return queue_streaming(); }, python_queue, "python3"},
      {"L1", "lock from a process, nobody else wants it", "us", "S1: submit and get", 1.5,
       [] { return lock_round_trip(); }, [] { return round_trip(process); }, ""},
      {"S7", "thread: submit and get, one at a time", "us", "Boost.Asio post and future", 1.0,
       [] { return round_trip(thread); }, asio_round_trip, "libboost-dev"},
      {"S8", "thread: submit many, then get, per task", "us", "Boost.Asio post and future", 1.0,
       [] { return submit_many(thread); }, asio_streaming, "libboost-dev"},
      {"S9", "thread: map of 1,000,000 calls, per item", "us", "oneTBB parallel_for", 1.5,
       [] { return map_ints(thread, 1'000'000); }, tbb_parallel_for, "libtbb-dev"},
      {"S10", "process: 1,000 numbers prime or not, 2 workers", "ms", "the same loop on one core",
       1 / 1.95, primes_in_two_workers, primes_in_a_loop, ""},
      {"S11", "process: from a worker's death to the next result", "ms", "the limit", 1.0,
       death_to_next_result, [] { return 5e-3; }, ""},
      {"S12", "process: growth in a lazy map of 10,000,000", "MiB", "the limit", 1.0,
       growth_of_a_lazy_map, [] { return 8.0; }, ""},
      {"S13", "process: CPU of 8 idle workers and host, a second", "ms", "the limit", 1.0,
       cpu_of_an_idle_pool, [] { return 1e-3; }, ""},
      {"S15", "process: private memory of an idle worker", "MiB", "the limit", 1.0,
       memory_of_an_idle_worker, [] { return 1.5; }, ""},
  };
}

using samples = std::vector<std::optional<double>>;

// Nothing, if one of them could not be taken.
std::optional<double> median(samples all) {
  if (all.empty() || std::ranges::any_of(all, [](const auto& s) { return !s; })) return std::nullopt;
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

struct bench_flags {
  bool peers = false;
  bool json = false;
  int times = 5;
  std::string only;
};

void show(const bench_row& r, const bench_flags& f, std::optional<double> ours,
          std::optional<double> theirs) {
  const double scale = r.unit == "us" ? 1e6 : r.unit == "ms" ? 1e3 : 1;
  const auto figure = [&](std::optional<double> s) -> nlohmann::ordered_json {
    if (!s) return nullptr;
    return *s * scale;
  };
  const bool comparable = ours && theirs;
  const double ratio = comparable ? *ours / *theirs : 0;
  if (f.json) {
    nlohmann::ordered_json j{{"id", r.id},          {"job", r.job},
                             {"ours", figure(ours)}, {"reference", figure(theirs)},
                             {"name", r.reference},  {"unit", r.unit},
                             {"ratio", nullptr},     {"goal", r.goal},
                             {"met", nullptr}};
    if (comparable) {
      j["ratio"] = ratio;
      j["met"] = ratio <= r.goal;
    }
    fmt::print("{}\n", j.dump());
  } else if (comparable) {
    fmt::print("{:3} {:49} {:9.3f} {:3} ratio {:6.3f}  goal {:5.2f}  {:7}  ({}: {:.3f} {})\n", r.id,
               r.job, *ours * scale, r.unit, ratio, r.goal, ratio <= r.goal ? "met" : "not met",
               r.reference, *theirs * scale, r.unit);
  } else {
    fmt::print("{:3} {:49} {:9.3f} {:3} (skipped: {}{})\n", r.id, r.job, *ours * scale, r.unit,
               r.reference,
               !f.peers && !r.needs.empty() ? "; --peers compares" : "; needs " + r.needs);
  }
  std::fflush(stdout);
}

// Ours and theirs in turn, so that what else the machine does hits both.
int run_bench(const bench_flags& f) {
  for (const auto& r : rows()) {
    if (!f.only.empty() && f.only != r.id) continue;
    const bool compare = f.peers || r.needs.empty();
    samples ours, theirs;
    for (int i = 0; i < f.times; ++i) {
      if (compare) theirs.push_back(r.theirs());
      ours.push_back(r.ours());
    }
    show(r, f, median(ours), median(theirs));
  }
  return exit_code::ok;
}

}  // namespace

action add_bench(CLI::App& app) {
  auto f = std::make_shared<bench_flags>();
  app.add_flag("--peers", f->peers, "measure the peers that are installed, too (ZeroMQ, Boost.Asio, "
                                    "oneTBB, Open MPI, Python)");
  app.add_flag("--json", f->json, "one JSON object a row");
  app.add_option("--times", f->times, "the median of so many runs")->check(CLI::Range(1, 101));
  app.add_option("--only", f->only, "just this row: S1, S2 …");
  app.footer("Figures drift from run to run: compare the ratios, and only within one run.");
  return [f](const words&) { return run_bench(*f); };
}

}  // namespace troupe::cli
