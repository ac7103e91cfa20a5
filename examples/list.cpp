// What a queue holds is a type: here a number, perhaps another one, and a word.
#include <cstdio>
#include <optional>
#include <string>
#include <troupe/troupe.hpp>
#include <tuple>

using mixed = std::tuple<int, std::optional<int>, std::string>;

void f(const troupe::queue<mixed>& q) { q.put({42, std::nullopt, "hello"}); }

int main(int argc, char** argv) {
  troupe::init(argc, argv);
  troupe::system sys;
  troupe::queue<mixed> q{sys};
  auto w = sys.spawn<f>({}, q);
  const auto [number, nothing, word] = q.get();
  std::printf("[%d, %s, '%s']\n", number, nothing ? "something" : "None", word.c_str());
  w.join();
}
