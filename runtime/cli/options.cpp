#include "runtime/cli/options.hpp"

#include "runtime/cli/nearest.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <charconv>
#include <cmath>
#include <utility>

namespace troupe::cli {

namespace {

constexpr std::size_t most_workers = 4096;
constexpr double a_day_s = 86400;
constexpr double longest_s = 1e9;  // some thirty years; more would not fit into a duration

template <class T>
using choices = std::vector<std::pair<std::string, T>>;

template <class T>
T choose(const std::string& flag, const std::string& word, const choices<T>& among) {
  std::vector<std::string> names;
  for (const auto& [name, value] : among) {
    if (name == word) return value;
    names.push_back(name);
  }
  throw CLI::ValidationError{flag, fmt::format("'{}' is none of {}{}", word, fmt::join(names, ", "),
                                               did_you_mean(word, names))};
}

std::size_t worker_count(const std::string& word) {
  if (word == "auto") return 0;
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (error == std::errc{} && end == word.data() + word.size() && n >= 1 && n <= most_workers)
    return n;
  throw CLI::ValidationError{
      "--workers",
      fmt::format("'{}' is neither auto nor a number from 1 to {}", word, most_workers)};
}

duration in_ns(double seconds) {
  return std::chrono::nanoseconds{std::llround(std::ceil(seconds * 1e9))};
}

std::optional<double> number(const std::string& word) {
  double n = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return n;
}

duration timeout(const std::string& word) {
  const auto s = number(word);
  if (!s || !(*s > 0) || *s > longest_s)
    throw CLI::ValidationError{"--timeout",
                               fmt::format("'{}' is no number of seconds above 0", word)};
  return in_ns(*s);
}

}  // namespace

void add_run_flags(CLI::App& app, run_options& o) {
  const std::string group = "For every program";
  const auto add_word = [&](const char* names, const char* type, const char* what, auto take) {
    app.add_option_function<std::string>(names, take, what)->type_name(type)->group(group);
  };
  add_word("-j,--workers", "N|auto", "how many workers (auto: one for each usable core)",
           [&o](const std::string& word) { o.workers = worker_count(word); });
  add_word("-w,--where", "inline|thread|process", "where they live", [&o](const std::string& word) {
    o.where = choose<placement>("--where", word,
                                {{"inline", placement::inline_},
                                 {"thread", placement::thread},
                                 {"process", placement::process}});
  });
  add_word("-t,--timeout", "SECONDS", "a task that runs for longer fails; its worker is replaced",
           [&o](const std::string& word) { o.timeout = timeout(word); });
  app.add_flag("--json", o.json, "one JSON object a task, and a summary as last line")
      ->group(group);
  app.add_flag("--verify", o.verify, "check the answers; exit code 4 if one is wrong")
      ->group(group);
  add_word("--progress", "auto|bar|plain|none", "on stderr (auto: a bar, if that is a terminal)",
           [&o](const std::string& word) {
             o.progress = choose<progress_style>("--progress", word,
                                                 {{"auto", progress_style::automatic},
                                                  {"bar", progress_style::bar},
                                                  {"plain", progress_style::plain},
                                                  {"none", progress_style::none}});
           });
  app.add_flag("-q,--quiet", o.quiet, "nothing but results and errors")->group(group);
}

std::shared_ptr<duration> add_seconds(CLI::App& app, const std::string& name,
                                      const std::string& what) {
  const auto length = std::make_shared<duration>(std::chrono::milliseconds{100});
  const auto take = [length, name](const std::string& word) {
    const auto s = number(word);
    if (!s || !(*s >= 0) || *s > a_day_s)
      throw CLI::ValidationError{
          name, fmt::format("'{}' is no number of seconds from 0 to {}", word, a_day_s)};
    *length = in_ns(*s);
  };
  app.add_option_function<std::string>(name, take, what + " (0.1 unless given)")
      ->type_name("SECONDS");
  return length;
}

}  // namespace troupe::cli
