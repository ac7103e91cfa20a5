#include "runtime/cli/program.hpp"

#include <troupe/tasks.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <numeric>

namespace troupe::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1s;  // what the document gives each get()

std::int64_t square(std::int64_t x) { return x * x; }

std::vector<std::int64_t> first_ten() {
  std::vector<std::int64_t> v(10);
  std::iota(v.begin(), v.end(), 0);
  return v;
}

std::string as_list(const auto& values) { return fmt::format("[{}]", fmt::join(values, ", ")); }

// What a step prints, and where it ran if that was one task.
struct shown {
  std::vector<std::string> lines;
  std::string worker;
  int pid = 0;
  duration ran{0};
};

template <class T>
shown shown_by(const future<T>& f) {
  const auto& value = f.get(patience);
  const auto r = f.receipt();
  return {{fmt::format("{}", value)}, r.worker, r.pid, r.ran};
}

struct step {
  const char* title;
  shown (*run)(session&);
  bool (*right)(std::vector<std::string> lines);
};

bool numbers_only(const std::vector<std::string>& lines) {
  return std::ranges::all_of(lines, [](const auto& line) {
    return !line.empty() && line.find_first_not_of("0123456789, []") == std::string::npos;
  });
}

const std::string impatient = "We lacked patience and got a multiprocessing.TimeoutError";

const step steps[] = {
    {"Using .map",
     [](session& s) {
       return shown{{as_list(s.pool().map<square>(first_ten()))}, {}};
     },
     [](auto lines) {
       return lines == std::vector<std::string>{"[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]"};
     }},
    {"Using .imap_unordered",
     [](session& s) {
       shown out;
       for (const auto i : s.pool().imap_unordered<square>(
                first_ten(), {.chunk = 1, .window = 0, .deadline = s.options.timeout}))
         out.lines.push_back(std::to_string(i));
       return out;
     },
     [](auto lines) {
       std::vector<std::string> wanted;
       for (const auto x : first_ten()) wanted.push_back(std::to_string(square(x)));
       std::ranges::sort(wanted);
       std::ranges::sort(lines);
       return lines == wanted;
     }},
    {"Using .apply_async",
     [](session& s) {
       return shown_by(s.pool().submit<square>(s.call(), 20));  // runs in only one worker
     },
     [](auto lines) { return lines == std::vector<std::string>{"400"}; }},
    {"Using .apply_async",
     [](session& s) { return shown_by(s.pool().submit<troupe::tasks::pid>(s.call())); },
     [](auto lines) { return lines.size() == 1 && numbers_only(lines); }},
    {"Using .apply_async in a list",
     [](session& s) {
       std::vector<future<int>> futures;
       for (int i = 0; i < 4; ++i)  // may use more workers
         futures.push_back(s.pool().submit<troupe::tasks::pid>(s.call()));
       std::vector<int> pids;
       for (const auto& f : futures) pids.push_back(f.get(patience));
       return shown{{as_list(pids)}, {}};
     },
     [](auto lines) {
       return lines.size() == 1 && numbers_only(lines) && std::ranges::count(lines[0], ',') == 3;
     }},
    {"Using .apply_async knowing it will timeout",
     [](session& s) {
       const auto f = s.pool().submit<troupe::tasks::sleep>(s.call(), duration{10s});
       try {
         f.get(patience);
         return shown{{"None"}, {}};
       } catch (const troupe::timeout_error&) {
         return shown{{impatient}, {}};
       }
     },
     [](auto lines) { return lines == std::vector<std::string>{impatient}; }},
};

// False: it failed, and the tour is over.
bool run_step(session& s, const step& what) {
  s.show(what.title);
  tally run;
  run.tasks = 1;
  const auto began = std::chrono::steady_clock::now();
  task_end end;
  try {
    const auto out = what.run(s);
    end.result = out.lines;
    end.worker = out.worker;
    end.pid = out.pid;
    end.ran = out.ran;
    if (!s.options.json)
      for (const auto& line : out.lines) s.out().result(line);
    if (s.options.verify && !what.right(out.lines))
      s.results().wrong(fmt::format("{}: {}", what.title, fmt::join(out.lines, " ")));
  } catch (const troupe::error&) {
    end = end_of_failed_task(std::current_exception());
  }
  end.input = what.title;
  run.wall = std::chrono::steady_clock::now() - began;
  run.count(end);
  run.cancelled = end.how == ending::cancelled ? 1 : 0;
  s.results().task(0, end);
  s.results().add(run);
  return end.how == ending::ok;
}

void run(session& s) {
  const auto where = s.options.where.value_or(placement::process);
  if (where == placement::inline_)
    throw troupe::usage_error{
        "tour shows a timeout, which needs workers beside the caller: -w thread or -w process"};
  constexpr std::size_t as_in_the_document = 4;
  auto& pool = s.open_pool(where, s.workers_or(as_in_the_document));
  s.results().used(where, s.workers());
  for (const auto& what : steps)
    if (s.stopping() || !run_step(s, what)) return;
  s.show("For the moment, the pool remains available for more work");
  pool.terminate();  // as the end of Python's `with`: else the sleeper would be waited for
  s.close_pool();
  s.show("Now the pool is closed and no longer available");
}

}  // namespace

program_body add_tour(CLI::App&) { return run; }

}  // namespace troupe::cli
