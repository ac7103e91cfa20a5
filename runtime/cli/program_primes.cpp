#include "runtime/cli/prime.hpp"
#include "runtime/cli/program.hpp"
#include "runtime/cli/runner.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace troupe::cli {

namespace {

struct flags {
  std::uint64_t count = 0;  // 0: the six known numbers
  std::uint64_t seed = 42;
  bool alone = false;  // without the comparison to one worker
};

const std::vector<std::uint64_t> six{112272535095293, 112582705942171, 112272535095293,
                                     115280095190773, 115797848077099, 1099726899285419};
const std::vector<bool> six_answers{true, true, true, true, true, false};

// What one placement made of the numbers.
struct outcome_of_run {
  tally run;
  std::size_t workers = 1;
  double one_worker_s = 0;  // 0: not measured
  std::vector<std::uint64_t> primes;

  double speedup() const { return one_worker_s > 0 ? one_worker_s / run.wall_s() : 0; }
};

// --- six numbers -----------------------------------------------------------------------------

// The answers come as they are found, and are printed in the order of the numbers, as zip does.
class in_order {
 public:
  explicit in_order(session& s) : session_(s) {}
  void put(std::size_t i, bool prime) {
    early_[i] = prime;
    for (; !early_.empty() && early_.begin()->first == next_; ++next_) {
      if (!session_.options.json)
        session_.out().result(
            fmt::format("{} is prime: {}", six[next_], early_.begin()->second ? "True" : "False"));
      early_.erase(early_.begin());
    }
  }
  void flush() {  // some are missing: they failed
    for (const auto& [i, prime] : std::exchange(early_, {})) {
      next_ = i;
      put(i, prime);
    }
  }

 private:
  session& session_;
  std::map<std::size_t, bool> early_;
  std::size_t next_ = 0;
};

void run_six(session& s) {
  s.open_pool(s.options.where.value_or(placement::process), s.options.workers);
  in_order answers{s};
  run_tasks<is_prime>(s, "primes", six, [&](std::size_t i, bool prime, const receipt&) {
    answers.put(i, prime);
    if (s.options.verify && prime != six_answers[i])
      s.results().wrong(fmt::format("{} is prime: {}", six[i], prime));
  });
  answers.flush();
}

// --- random numbers --------------------------------------------------------------------------

outcome_of_run run_in(session& s, placement where, const std::vector<std::uint64_t>& numbers,
                      bool compare) {
  outcome_of_run o;
  s.open_pool(where, s.options.workers);
  s.wait_for_workers();  // all of them are measured
  if (where != placement::inline_) o.workers = s.workers();
  s.results().tags = {{"where", to_string(where)}};
  std::vector<char> prime(numbers.size());
  o.run =
      run_tasks<is_prime>(s, fmt::format("primes, {}", to_string(where)), numbers,
                          [&](std::size_t i, bool value, const receipt&) {
                            prime[i] = value ? 1 : 0;
                            if (s.options.verify && value != is_prime_for_sure(numbers[i]))
                              s.results().wrong(fmt::format("{} is prime: {}", numbers[i], value));
                          });
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (prime[i] != 0) o.primes.push_back(numbers[i]);
  if (!compare || !o.run.complete() || s.stopping()) return o;
  if (o.workers == 1) {
    o.one_worker_s = o.run.wall_s();
    return o;
  }
  s.open_pool(where, 1);
  const auto alone = run_tasks<is_prime>(
      s, fmt::format("primes, one {}", to_string(where)), numbers,
      [](std::size_t, bool, const receipt&) {}, run_kind::comparison);
  if (alone.complete()) o.one_worker_s = alone.wall_s();
  return o;
}

void show_primes(session& s, const std::vector<std::uint64_t>& primes, std::size_t of) {
  constexpr std::size_t few = 3;
  const auto shown = std::vector<std::uint64_t>(
      primes.begin(), primes.begin() + static_cast<std::ptrdiff_t>(std::min(few, primes.size())));
  s.out().result(fmt::format("{} of {} numbers are prime{} {}{}", primes.size(), of,
                             shown.empty() ? "" : ":", fmt::join(shown, ", "),
                             primes.size() > few ? ", ..." : ""));
}

void show_workers(session& s, tally run) {
  std::ranges::sort(run.workers, {}, [](const worker_share& w) {  // primes-10 behind primes-9
    return std::pair{w.name.size(), w.name};
  });
  s.out().result(fmt::format("\n{:<14}{:>9}{:>8}{:>11}", "worker", "pid", "tasks", "busy"));
  for (const auto& w : run.workers)
    s.out().result(fmt::format("{:<14}{:>9}{:>8}{:>9.2f} s", w.name, w.pid, w.tasks,
                               std::chrono::duration<double>(w.busy).count()));
}

void show_times(session& s, const std::vector<std::pair<placement, outcome_of_run>>& all) {
  s.out().result(fmt::format("\n{:<14}{:>9}{:>12}{:>12}{:>10}", "where", "workers", "wall",
                             "one worker", "speed-up"));
  for (const auto& [where, o] : all) {
    auto line = fmt::format("{:<14}{:>9}{:>10.2f} s", to_string(where), o.workers, o.run.wall_s());
    if (o.one_worker_s > 0)
      line += fmt::format("{:>10.2f} s{:>10.2f}", o.one_worker_s, o.speedup());
    s.out().result(line);
  }
}

void sum_up(session& s, const std::vector<std::pair<placement, outcome_of_run>>& all) {
  auto& summary = s.results().summary;
  summary["primes"] = all.front().second.primes.size();
  for (const auto& [where, o] : all) {
    json run{{"where", to_string(where)}, {"wall_s", o.run.wall_s()}};
    if (o.one_worker_s > 0) {
      run["one_worker_s"] = o.one_worker_s;
      run["speedup"] = o.speedup();
    }
    summary["runs"].push_back(run);
  }
}

void run_random(session& s, const flags& f) {
  const auto numbers = random_numbers(f.count, f.seed);
  std::vector<placement> places{placement::thread, placement::process};
  if (s.options.where) places = {*s.options.where};
  s.out().note(fmt::format("{} random numbers between {} and {} (seed {})", f.count, lowest_random,
                           highest_random, f.seed));
  std::vector<std::pair<placement, outcome_of_run>> all;
  for (const auto where : places) {
    if (s.stopping()) break;
    all.emplace_back(where, run_in(s, where, numbers, !f.alone && !s.options.quiet));
  }
  if (all.empty()) return;
  sum_up(s, all);
  for (const auto& [where, o] : all)
    if (o.run.complete() && all.front().second.run.complete() &&
        o.primes != all.front().second.primes)
      s.results().wrong("threads and processes found different primes");
  if (s.options.json) return;
  show_primes(s, all.front().second.primes, all.front().second.run.ok);
  if (s.options.quiet) return;
  for (const auto& [where, o] : all) show_workers(s, o.run);
  show_times(s, all);
}

}  // namespace

program_body add_primes(CLI::App& app) {
  const auto f = std::make_shared<flags>();
  add_number(app, "--count", "N", "so many random numbers, not the six", f->count,
             std::uint64_t{1}, std::uint64_t{10'000'000});
  add_number(app, "--seed", "S", "of the random numbers", f->seed, std::uint64_t{0},
             std::numeric_limits<std::uint64_t>::max());
  add_flag(app, "--no-speed-up", "do not measure one worker for comparison", f->alone);
  return [f](session& s) {
    if (f->count == 0)
      run_six(s);
    else
      run_random(s, *f);
  };
}

}  // namespace troupe::cli
