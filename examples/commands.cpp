// Other programs: run, with and without what they print, and what their failure looks like.
#include <chrono>
#include <cstdio>
#include <string>
#include <troupe/troupe.hpp>
#include <vector>

using namespace std::chrono_literals;

// A command is a task like any other.
std::string count_words(const std::string& text) {
  return troupe::check_output({"wc", "-w"}, {.input = text});
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);

  troupe::run({"ls", "-l", "null"}, {.cwd = "/dev"});  // prints on our own stdout

  const auto listed = troupe::run({"ls", "-l", "/dev/null"}, {.capture = true});
  std::printf("%s: %s", listed.status.to_string().c_str(), listed.out.c_str());

  std::printf("%s", troupe::check_output({"echo", "no shell: $HOME", "*"}).c_str());

  try {
    troupe::run({"ls", "-l", "/no/such/file"}, {.capture = true, .check = true});
  } catch (const troupe::called_process_error& e) {
    std::printf("%s\n", e.what());
  }
  try {
    troupe::run({"sh", "-c", "echo begun; sleep 60"}, {.capture = true, .timeout = 2s});
  } catch (const troupe::command_timeout& e) {
    std::printf("%s: %s", e.what(), e.process().out.c_str());
  }

  troupe::system sys;
  troupe::pool pool{sys, {.workers = 2}};
  for (const auto& n : pool.map<count_words>(std::vector<std::string>{"one two", "three"}))
    std::printf("%s", n.c_str());
}
