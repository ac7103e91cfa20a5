#include "tests/cli/command.hpp"

#include <gmock/gmock.h>
#include <regex>

namespace {

using namespace cli_test;

const std::regex task_line{R"re(\{"task":(\d+),"input":.+,"ok":true,"result":.+,)re"
                           R"re("worker":("[a-z-]+-\d+"|null),"pid":(\d+|null),"ran_s":[-+.e\d]+)re"
                           R"re((,"\w+":("\w+"|\d+))?\})re"};
const std::regex summary_line{
    R"re(\{"summary":\{"tasks":(\d+),"ok":(\d+),"failed":(\d+),"lost":(\d+),)re"
    R"re("wall_s":[-+.e\d]+,"workers":(\d+),"where":"[a-z,]+".*\}\})re"};

// One object a task, numbered from 0 without gaps; then the summary.
void expect_objects(const arguments& args, std::size_t tasks) {
  const auto r = troupe(args);
  EXPECT_EQ(r.code, 0) << r.err;
  const auto lines = lines_of(r.out);
  ASSERT_EQ(lines.size(), tasks + 1) << r.out;
  std::vector<bool> seen(tasks);
  std::smatch m;
  for (std::size_t i = 0; i < tasks; ++i) {
    ASSERT_TRUE(std::regex_match(lines[i], m, task_line)) << lines[i];
    seen.at(std::stoul(m[1])) = true;
  }
  EXPECT_THAT(seen, testing::Each(true));
  ASSERT_TRUE(std::regex_match(lines.back(), m, summary_line)) << lines.back();
  EXPECT_EQ(m[1], std::to_string(tasks));
  EXPECT_EQ(m[2], std::to_string(tasks));
}

TEST(Json, OneObjectATaskAndASummary) {
  expect_objects({"run", "cube", "--json", "-j", "2"}, 24);
  expect_objects({"run", "primes", "--json"}, 6);
  expect_objects({"run", "primes", "--json", "--count", "5", "-w", "process"}, 5);
  expect_objects({"run", "fib", "--json", "--number", "15", "-j", "3"}, 3);
  expect_objects({"run", "ids", "--json", "-j", "2", "-w", "thread"}, 2);
  expect_objects({"run", "tour", "--json", "-w", "thread"}, 6);
  expect_objects({"run", "cores", "--json"}, 3);
  expect_objects({"run", "downloads", "--json", "--latency", "1", "-j", "4"}, 4);
  expect_objects({"run", "executor", "--json", "--number", "15", "-j", "3"}, 3);
  expect_objects({"run", "jobs", "--json", "-w", "process"}, 9);
  expect_objects({"run", "sleepers", "--json", "--seconds", "0.01"}, 9);
  expect_objects({"run", "states", "--json", "--number", "15"}, 1);
  expect_objects({"run", "switch", "--json", "--number", "15", "-j", "2"}, 4);
  expect_objects({"run", "two-queues", "--json", "--number", "15"}, 4);
}

TEST(Json, BothPlacementsCountTogether) {
  expect_objects({"run", "primes", "--json", "--count", "5"}, 10);
}

TEST(Json, AFailedTaskHasItsErrorInsteadOfAResult) {
  const auto r = troupe({"run", "fib", "--number", "45", "-j", "1", "-t", "0.05", "--json"});
  EXPECT_EQ(r.code, 1) << r.err;
  const auto lines = lines_of(r.out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], testing::AllOf(testing::HasSubstr(R"("ok":false,"error":")"),
                                       testing::HasSubstr("deadline"),
                                       testing::Not(testing::HasSubstr("result"))));
  EXPECT_THAT(lines[1], testing::HasSubstr(R"("tasks":1,"ok":0,"failed":1,"lost":0)"));
}

}  // namespace
