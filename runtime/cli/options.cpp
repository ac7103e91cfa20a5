#include "runtime/cli/options.hpp"

#include "runtime/cli/nearest.hpp"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace troupe::cli {

namespace {

constexpr std::size_t most_workers = 4096;
constexpr double a_day_s = 86400;
constexpr double longest_s = 1e9;  // some thirty years; more would not fit into a duration

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

using taker = std::function<void(const std::string&)>;

void add_word(CLI::App& app, const std::string& group, const char* names, const char* type,
              const char* what, taker take) {
  app.add_option_function<std::string>(names, std::move(take), what)->type_name(type)->group(group);
}

}  // namespace

void bad_choice(const std::string& flag, const std::string& word,
                const std::vector<std::string>& names) {
  throw CLI::ValidationError{flag, fmt::format("'{}' is none of {}{}", word, fmt::join(names, ", "),
                                               did_you_mean(word, names))};
}

void add_workers_flag(CLI::App& app, run_options& o, const char* what, const std::string& group) {
  add_word(app, group, "-j,--workers", "N|auto", what,
           [&o](const std::string& word) { o.workers = worker_count(word); });
}

void add_timeout_flag(CLI::App& app, run_options& o, const char* what, const std::string& group) {
  add_word(app, group, "-t,--timeout", "SECONDS", what,
           [&o](const std::string& word) { o.timeout = timeout(word); });
}

void add_output_flags(CLI::App& app, run_options& o, const std::string& group) {
  add_word(app, group, "--progress", "auto|bar|plain|none",
           "on stderr (auto: a bar, if that is a terminal)", [&o](const std::string& word) {
             o.progress = choose<progress_style>("--progress", word,
                                                 {{"auto", progress_style::automatic},
                                                  {"bar", progress_style::bar},
                                                  {"plain", progress_style::plain},
                                                  {"none", progress_style::none}});
           });
  app.add_flag("-q,--quiet", o.quiet, "nothing but results and errors")->group(group);
}

void add_run_flags(CLI::App& app, run_options& o) {
  const std::string group = "For every program";
  add_workers_flag(app, o, "how many workers (auto: one for each usable core)", group);
  add_word(app, group, "-w,--where", "inline|thread|process", "where they live",
           [&o](const std::string& word) {
             o.where = choose<placement>("--where", word,
                                         {{"inline", placement::inline_},
                                          {"thread", placement::thread},
                                          {"process", placement::process}});
           });
  add_timeout_flag(app, o, "a task that runs for longer fails; its worker is replaced", group);
  app.add_flag("--json", o.json, "one JSON object a task, and a summary as last line")
      ->group(group);
  app.add_flag("--verify", o.verify, "check the answers; exit code 4 if one is wrong")
      ->group(group);
  add_output_flags(app, o, group);
}

template <class T>
void add_number(CLI::App& app, const char* name, const char* type, const std::string& what,
                T& value, T least, T most) {
  const auto range = most == std::numeric_limits<T>::max()
                         ? what
                         : fmt::format("{} ({} to {})", what, least, most);
  auto* o = app.add_option(name, value, range)
                ->check(CLI::Range(least, most).description(""))
                ->type_name(type);
  if (value >= least && value <= most) o->capture_default_str();
}
template void add_number(CLI::App&, const char*, const char*, const std::string&, int&, int, int);
template void add_number(CLI::App&, const char*, const char*, const std::string&, double&, double,
                         double);
template void add_number(CLI::App&, const char*, const char*, const std::string&, std::int64_t&,
                         std::int64_t, std::int64_t);
template void add_number(CLI::App&, const char*, const char*, const std::string&, std::uint64_t&,
                         std::uint64_t, std::uint64_t);

void add_number(CLI::App& app, const char* name, const char* type, const char* what,
                std::optional<std::uint64_t>& value) {
  app.add_option(name, value, what)->type_name(type);
}

void add_text(CLI::App& app, const char* name, const char* type, const char* what,
              std::string& value) {
  auto* o = app.add_option(name, value, what)->type_name(type);
  if (!value.empty()) o->capture_default_str();
}

void add_texts(CLI::App& app, const char* name, const char* type, const char* what,
               std::vector<std::string>& values) {
  app.add_option(name, values, what)->type_name(type);
}

void add_choice(CLI::App& app, const char* name, const std::vector<std::string>& words,
                const char* what, std::string& value) {
  app.add_option(name, value, what)
      ->check(CLI::IsMember(words).description(""))
      ->type_name(fmt::format("{}", fmt::join(words, "|")))
      ->capture_default_str();
}

void add_flag(CLI::App& app, const char* name, const char* what, bool& value) {
  app.add_flag(name, value, what);
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
