// cubes, sqrt

#include "runtime/cli/program.hpp"
#include "runtime/cli/python.hpp"
#include "runtime/cli/spawned.hpp"

#include <troupe/queue.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cmath>

namespace troupe::cli {

namespace {

constexpr std::size_t as_in_the_document = 7;

template <class T>
using item = std::pair<int, T>;  // order, value

std::int64_t cube(int a) { return std::int64_t{a} * a * a; }
double sqrt_of_cube(int a) { return std::sqrt(static_cast<double>(cube(a))); }

template <auto F>
using value_of = decltype(F(0));

template <auto F>
void put(int a, int order, queue<item<value_of<F>>> output) {
  output.put({order, F(a)});
}

// The answers that are known, and for more of them the way back.
bool right(int a, std::int64_t value) {
  constexpr std::int64_t known[] = {1, 8, 27, 64, 125, 216, 343};
  if (a <= 7) return value == known[a - 1];
  return value % a == 0 && value / a % a == 0 && value / a / a == a;
}
bool right(int a, double value) {
  constexpr double known[] = {1.0,
                              2.8284271247461903,
                              5.196152422706632,
                              8.0,
                              11.180339887498949,
                              14.696938456699069,
                              18.520259177452136};
  if (a <= 7) return value == known[a - 1];
  return std::abs(value * value / a / a - a) < 1e-9 * a;
}

template <class T>
void verify(session& s, std::size_t workers, std::vector<item<T>> results) {
  std::ranges::sort(results);
  if (results.size() != workers)
    s.results().wrong(fmt::format("{} workers put {} items", workers, results.size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& [order, value] = results[i];
    if (order != static_cast<int>(i) + 1 || !right(order, value))
      s.results().wrong(fmt::format("({}, {})", order, python(value)));
  }
}

template <auto F>
auto plans_for(std::size_t workers, const queue<item<value_of<F>>>& output) {
  std::vector<plan<void>> plans;
  for (int x = 1; x <= static_cast<int>(workers); ++x)
    plans.push_back({x, "", [x, output](troupe::system& sys, const spawn_options& o) {
                       return sys.spawn<put<F>>(o, x, x, output);
                     }});
  return plans;
}

// As the document does it: every worker is joined, and then the queue is read.
template <auto F>
void run(session& s, const char* name) {
  using T = value_of<F>;
  const auto workers = count_for(s, as_in_the_document);
  auto& sys = s.without_pool(placement_for(s), workers);
  const queue<item<T>> output{sys};
  const auto plans = plans_for<F>(workers, output);
  std::vector<item<T>> results;
  const auto t = run_spawned(s, sys, name, plans, [&](std::size_t i) {
    while (auto got = output.try_get()) results.push_back(*got);
    const auto own = std::ranges::find(results, static_cast<int>(i) + 1, &item<T>::first);
    return own == results.end() ? json{} : json(own->second);
  });
  if (!s.options.json) {
    std::vector<std::string> shown;
    for (const auto& [order, value] : results)
      shown.push_back(fmt::format("({}, {})", order, python(value)));
    s.out().result(fmt::format("[{}]", fmt::join(shown, ", ")));
  }
  if (s.options.verify && t.complete()) verify(s, workers, std::move(results));
}

}  // namespace

program_body add_cubes(CLI::App&) {
  return [](session& s) { run<cube>(s, "cubes"); };
}

program_body add_sqrt(CLI::App&) {
  return [](session& s) { run<sqrt_of_cube>(s, "sqrt"); };
}

}  // namespace troupe::cli
