// Results in the order in which they end, and what each of them was for.
#include <cstdio>
#include <string>
#include <troupe/troupe.hpp>
#include <unordered_map>
#include <vector>

using namespace std::chrono_literals;

std::string fetch(const std::string& what, int ms) {
  troupe::tasks::sleep(std::chrono::milliseconds{ms});
  if (what == "dead end") throw std::runtime_error("nobody there");
  return what + " page";
}

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::pool pool{sys, {.workers = 3, .where = troupe::placement::thread}};

  std::unordered_map<troupe::future<std::string>, std::string> what_for;
  std::vector<troupe::future<std::string>> all;
  for (auto [name, ms] : {std::pair{"slow", 400}, {"quick", 1}, {"dead end", 150}}) {
    all.push_back(pool.submit<fetch>(name, ms));
    what_for[all.back()] = name;
  }
  for (const auto& f : troupe::as_completed(all, 10s)) {
    try {
      std::printf("%s: %s\n", what_for[f].c_str(), f.get().c_str());
    } catch (const std::exception& e) {
      std::printf("%s: %s\n", what_for[f].c_str(), e.what());
    }
  }
}
