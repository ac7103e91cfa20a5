#include "runtime/cli/map.hpp"

#include "runtime/cli/exit_code.hpp"
#include "runtime/cli/subcommand.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace troupe::cli {

namespace {

constexpr const char* more =
    "Runs the command behind -- once for each argument: those behind :::, or each line of stdin,\n"
    "as it comes. {} in the command stands for the argument; without any {} it goes last. There is\n"
    "no shell: an argument may hold spaces, quotes, anything. What a command prints comes in one\n"
    "piece, when it has ended: its stdout, then its stderr. Its stdin is empty.\n"
    "\n"
    "Examples:\n"
    "  troupe map -- gzip -9 ::: *.log\n"
    "  find . -name '*.flac' -print0 | troupe map -0 -j 4 -- flac -t {}\n"
    "  troupe map -k --tag -- sh -c 'wc -l < \"$0\"' {} ::: *.cpp\n"
    "  troupe map -t 5 --halt soon --joblog jobs.tsv -- ping -c 1 < hosts\n"
    "\n"
    "Exit codes: 0 each exited with 0, 1 one did not, or took longer than -t, 2 usage, 3 one was\n"
    "killed by a signal, 5 the program could not be started (the first such ends it, unless {} is\n"
    "part of the program's name), 130 or 143 interrupted. The first Ctrl-C starts no more commands\n"
    "and waits for those that run, the second kills them.";

constexpr const char* usage = "troupe map [OPTIONS] -- COMMAND [{}] [::: ARGUMENTS]";

struct formatter : CLI::Formatter {
  std::string make_usage(const CLI::App*, std::string) const override {
    return std::string{"Usage: "} + usage + "\n";
  }
};

int refuse(const std::string& why) {
  std::cerr << "troupe map: " << why << "\nsee: troupe map --help\n";
  return exit_code::usage;
}

int map(map_options o, const words& given) {
  const std::string separator = ":::";
  const auto at = std::find(given.begin(), given.end(), separator);
  o.command.assign(given.begin(), at);
  if (o.command.empty())
    return refuse(std::string{"there is no command; it stands behind --: "} + usage);
  if (at != given.end()) {
    if (std::find(at + 1, given.end(), separator) != given.end())
      return refuse("there is more than one :::");
    if (o.zeros) return refuse("-0 is for arguments from stdin, not for those behind :::");
    o.arguments.emplace(at + 1, given.end());
  }
  return map_commands(o);
}

}  // namespace

action add_map(CLI::App& app) {
  const auto o = std::make_shared<map_options>();
  app.formatter(std::make_shared<formatter>());
  app.footer(more);
  add_workers_flag(app, o->run, "how many commands at once (auto: one for each usable core)");
  app.add_flag("-k,--keep-order", o->keep_order, "print in the order of the arguments");
  app.add_flag("--tag", o->tag, "begin each line with its argument and a tab");
  app.add_flag("-0,--null", o->zeros, "arguments on stdin end with a zero byte, not a newline");
  add_timeout_flag(app, o->run, "a command that runs for longer is killed, and has failed");
  app.add_option_function<std::string>(
         "--halt",
         [o](const std::string& word) {
           o->halt = choose<halting>(
               "--halt", word,
               {{"never", halting::never}, {"soon", halting::soon}, {"now", halting::now}});
         },
         "when one fails: go on, start no more, or kill the others, too")
      ->type_name("never|soon|now");
  app.add_option("--joblog", o->joblog, "a line with tabs for each command, as GNU parallel's")
      ->type_name("FILE");
  app.add_flag("-n,--dry-run", o->dry_run, "only print the commands, quoted for a shell");
  add_output_flags(app, o->run);
  return [o](const words& given) { return map(*o, given); };
}

}  // namespace troupe::cli
