#include "runtime/run_slice.hpp"

#include <troupe/exception.hpp>

#include <gtest/gtest.h>

namespace troupe::detail {
namespace {

int halve(int x) {
  if (x % 2 != 0) throw std::invalid_argument{"odd"};
  return x / 2;
}
using halve_call = static_callable<halve>;

buffer arguments(std::initializer_list<int> xs) {
  buffer b;
  buffer_sink to{b};
  writer w{to};
  for (const int x : xs) halve_call::save_args(w, x);
  to.done();
  return b;
}

answer run(const callable_entry* call, const buffer& args, std::uint32_t items, buffer& out) {
  slice_cursor cursor;
  cursor.reset(items);
  buffer_sink to{out};
  answer a;
  EXPECT_TRUE(run_slice(call, cursor, args.view(), to, a));
  to.done();
  return a;
}

TEST(RunSlice, GivesOneResultForEachItem) {
  buffer out;
  const auto a = run(&halve_call::entry, arguments({2, 4, 6}), 3, out);
  EXPECT_EQ(a.items, 3U);
  EXPECT_EQ(a.errors, 0U);
  EXPECT_EQ(out.size(), 3 * (1 + sizeof(int)));
}

TEST(RunSlice, AnErrorIsItsItemsOwn) {
  buffer out;
  const auto a = run(&halve_call::entry, arguments({2, 3, 6}), 3, out);
  EXPECT_EQ(a.items, 3U);
  EXPECT_EQ(a.errors, 1U);
  EXPECT_EQ(a.first_error, 1U);
}

TEST(RunSlice, AFunctionThatIsNotHereIsAnErrorForEachItem) {
  buffer out;
  const auto a = run(nullptr, arguments({2, 4}), 2, out);
  EXPECT_EQ(a.errors, 2U);
  reader from{out.view()};
  EXPECT_EQ(from.get<std::uint8_t>(), 1);
  EXPECT_THROW(std::rethrow_exception(load_exception(from, "w", 1)), unknown_function);
}

TEST(TaskClock, CpuTimeIsNeverMoreThanWallTime) {
  task_clock c;
  for (int i = 0; i < 1000; ++i) {
    answer a;
    c.start();
    std::atomic<int> spun{0};
    while (spun < i) ++spun;
    c.stop(a);
    EXPECT_GE(a.ran, 0);
    EXPECT_GE(a.cpu, 0);
    EXPECT_LE(a.cpu, a.ran);
  }
}

}  // namespace
}  // namespace troupe::detail
