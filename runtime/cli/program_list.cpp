#include "runtime/cli/program.hpp"
#include "runtime/cli/python.hpp"
#include "runtime/cli/spawned.hpp"

#include <troupe/queue.hpp>

#include <fmt/format.h>
#include <optional>
#include <tuple>

namespace troupe::cli {

namespace {

using mixed = std::tuple<int, std::optional<int>, std::string>;

const mixed expected{42, std::nullopt, "hello"};

void put(queue<mixed> q) { q.put({42, std::nullopt, "hello"}); }

std::string text_of(const mixed& m) {
  const auto& [number, nothing, word] = m;
  return fmt::format("[{}, {}, {}]", python(number), nothing ? python(*nothing) : "None",
                     python(word));
}

json json_of(const mixed& m) {
  const auto& [number, nothing, word] = m;
  return {number, nothing ? json(*nothing) : json{}, word};
}

void run(session& s) {
  const auto workers = count_for(s, 1);
  auto& sys = s.without_pool(placement_for(s), workers);
  const queue<mixed> q{sys};
  const plan<void> one{
      json{}, "", [q](troupe::system& in, const spawn_options& o) { return in.spawn<put>(o, q); }};
  run_spawned(s, sys, "list", std::vector(workers, one), [&](std::size_t) {
    const auto got = q.try_get();
    if (got) s.show(text_of(*got));
    if (s.options.verify && got != expected)
      s.results().wrong(got ? text_of(*got) : "the queue is empty");
    return got ? json_of(*got) : json{};
  });
}

}  // namespace

program_body add_list_program(CLI::App&) { return run; }

}  // namespace troupe::cli
