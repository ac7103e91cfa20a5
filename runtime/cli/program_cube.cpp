#include "runtime/cli/program.hpp"

#include <troupe/this_worker.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::cli {

namespace {

// A cube, and who computed it.
struct cube_by {
  std::int64_t value = 0;
  std::string worker;
  int pid = 0;
  std::int64_t ran_ns = 0;
};

cube_by cube(std::int64_t x) {
  const auto began = std::chrono::steady_clock::now();
  cube_by c{x * x * x, this_worker::name(), this_worker::pid(), 0};
  c.ran_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
  return c;
}

const std::vector<std::int64_t> inputs{1, 2, 3, 4, 5, 6};

using way = std::vector<cube_by> (*)(session&);

std::vector<cube_by> by_loop(session&) {
  std::vector<cube_by> all;
  for (const auto x : inputs) all.push_back(cube(x));
  return all;
}

std::vector<cube_by> by_apply(session& s) {
  std::vector<cube_by> all;
  for (const auto x : inputs) all.push_back(s.pool().apply<cube>(x));
  return all;
}

std::vector<cube_by> by_map(session& s) { return s.pool().map<cube>(inputs); }

std::vector<cube_by> by_map_async(session& s) { return s.pool().map_async<cube>(inputs).get(); }

std::vector<cube_by> by_submit(session& s) {
  std::vector<future<cube_by>> futures;
  for (const auto x : inputs) futures.push_back(s.pool().submit<cube>(s.call(), x));
  std::vector<cube_by> all;
  for (auto& f : futures) all.push_back(std::move(f).get());
  return all;
}

std::vector<std::int64_t> values(const std::vector<cube_by>& all) {
  std::vector<std::int64_t> v;
  for (const auto& c : all) v.push_back(c.value);
  return v;
}

void show(session& s, const std::string& name, const std::vector<cube_by>& all) {
  s.show(fmt::format("{:<12}{}", name, fmt::join(values(all), " ")));
}

void run_way(session& s, const std::string& name, way by,
             const std::vector<std::int64_t>& expected) {
  tally run;
  run.tasks = inputs.size();
  s.results().tags = {{"by", name}};
  const auto began = std::chrono::steady_clock::now();
  std::vector<cube_by> all;
  std::exception_ptr error;
  try {
    all = by(s);
  } catch (const troupe::error&) {
    error = std::current_exception();
  }
  run.wall = std::chrono::steady_clock::now() - began;
  if (!error) show(s, name, all);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    task_end end;
    if (error) {
      end = end_of_failed_task(error);
    } else {
      const auto& c = all.at(i);
      end.result = c.value;
      end.worker = c.worker;
      end.pid = c.pid;
      end.ran = std::chrono::nanoseconds{c.ran_ns};
    }
    end.input = inputs[i];
    run.count(end);
    s.results().task(i, end);
  }
  run.cancelled = run.tasks - run.ok - run.failed;
  s.results().add(run);
  if (!error && values(all) != expected)
    s.results().wrong(fmt::format("{} gives {}", name, values(all)));
}

void run(session& s) {
  const auto where = s.options.where.value_or(placement::process);
  s.open_pool(where, s.options.workers);
  s.results().used(where, s.workers());
  const auto looped = by_loop(s);
  show(s, "plain loop", looped);
  const auto expected = values(looped);
  if (s.options.verify && expected != std::vector<std::int64_t>{1, 8, 27, 64, 125, 216})
    s.results().wrong(fmt::format("the plain loop gives {}", expected));
  const std::pair<const char*, way> ways[] = {
      {"apply", by_apply}, {"map", by_map}, {"map_async", by_map_async}, {"submit", by_submit}};
  for (const auto& [name, by] : ways) {
    if (s.stopping()) return;
    run_way(s, name, by, expected);
  }
}

}  // namespace

program_body add_cube(CLI::App&) { return run; }

}  // namespace troupe::cli
