// The flags that every program of `troupe run` takes.
#pragma once

#include "runtime/cli/progress.hpp"

#include <troupe/pool.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace troupe::cli {

struct run_options {
  std::size_t workers = 0;             ///< 0: as many as the program thinks fit
  std::optional<placement> where;      ///< nothing: as the program thinks fit
  duration timeout = duration::max();  ///< of one task, from its start
  bool json = false;
  bool verify = false;
  bool quiet = false;
  progress_style progress = progress_style::automatic;
};

/// `into` must live until the command line has been read.
void add_run_flags(CLI::App& app, run_options& into);
// Some of them, for what is no program of `troupe run`.
void add_workers_flag(CLI::App& app, run_options& into, const char* what,
                      const std::string& group = "Options");
void add_timeout_flag(CLI::App& app, run_options& into, const char* what,
                      const std::string& group = "Options");
/// --progress and -q
void add_output_flags(CLI::App& app, run_options& into, const std::string& group = "Options");

/// Throws the error that names the choice, and the nearest.
[[noreturn]] void bad_choice(const std::string& flag, const std::string& word,
                             const std::vector<std::string>& names);

template <class T>
T choose(const std::string& flag, const std::string& word,
         const std::vector<std::pair<std::string, T>>& among) {
  std::vector<std::string> names;
  for (const auto& [name, value] : among) {
    if (name == word) return value;
    names.push_back(name);
  }
  bad_choice(flag, word, names);
}

// The flags that a program has of its own; one whose name begins with no dash is a bare word.
// `value` is what holds unless it is given, and must live until the command line has been read.

/// For the types of numbers that programs have. The help tells the range, and the value if it lies
/// in that.
template <class T>
void add_number(CLI::App& app, const char* name, const char* type, const std::string& what,
                T& value, T least, T most);
/// Nothing, unless given.
void add_number(CLI::App& app, const char* name, const char* type, const char* what,
                std::optional<std::uint64_t>& value);
void add_text(CLI::App& app, const char* name, const char* type, const char* what,
              std::string& value);
void add_texts(CLI::App& app, const char* name, const char* type, const char* what,
               std::vector<std::string>& values);
void add_choice(CLI::App& app, const char* name, const std::vector<std::string>& words,
                const char* what, std::string& value);
void add_flag(CLI::App& app, const char* name, const char* what, bool& value);
/// How long something lasts, in seconds from 0 to a day; 0.1 unless given.
std::shared_ptr<duration> add_seconds(CLI::App& app, const std::string& name,
                                      const std::string& what);

}  // namespace troupe::cli
