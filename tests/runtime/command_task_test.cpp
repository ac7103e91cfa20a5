// Commands as tasks, in workers of every placement.
#include "tests/runtime/support.hpp"

#include <csignal>

using namespace support;
using testing::HasSubstr;

namespace {

using words = std::vector<std::string>;

words sh(const std::string& script) { return {"sh", "-c", script}; }

troupe::completed_process captured(const words& argv) { return troupe::run(argv, {.capture = true}); }
troupe::completed_process checked(const words& argv) {
  return troupe::run(argv, {.capture = true, .check = true});
}
troupe::completed_process hurried(const words& argv) {
  return troupe::run(argv, {.capture = true, .input = "", .timeout = 3s});
}

class CommandTask : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, CommandTask, every_placement, placement_name);

TEST_P(CommandTask, ReturnsTheProcess) {
  auto p = pool();
  const auto done = p.apply<captured>(sh("echo seen; echo heard >&2; exit 3"));
  EXPECT_EQ(done.argv, sh("echo seen; echo heard >&2; exit 3"));
  EXPECT_EQ(done.status.to_string(), "exit 3");
  EXPECT_EQ(done.out, "seen\n");
  EXPECT_EQ(done.err, "heard\n");
}

TEST_P(CommandTask, ABadEndArrivesAsItself) {
  auto p = pool();
  const auto error = thrown_by([&] { p.apply<checked>(sh("echo seen; echo heard >&2; exit 3")); });
  const auto e = as<troupe::called_process_error>(error);
  EXPECT_EQ(e.process().status.code, 3);
  EXPECT_EQ(e.process().out, "seen\n");
  EXPECT_THAT(e.what(), HasSubstr("exited with status 3; its last words: heard"));
  EXPECT_EQ(what(error), e.what());
  EXPECT_TRUE(is<troupe::task_error>(error));
  EXPECT_TRUE(is<troupe::error>(error));
  EXPECT_TRUE(is<std::exception>(error));
}

TEST_P(CommandTask, ATimeoutArrivesAsItself) {
  auto p = pool();
  const auto error = thrown_by([&] { p.apply<hurried>(sh("echo so far; sleep 1000 & sleep 1000")); });
  EXPECT_EQ(as<troupe::command_timeout>(error).process().out, "so far\n");
  EXPECT_TRUE(is<troupe::timeout_error>(error));
  EXPECT_TRUE(is<troupe::task_error>(error));
}

TEST_P(CommandTask, AMissingProgramArrivesWithItsName) {
  auto p = pool();
  const auto error = thrown_by([&] { p.apply<captured>(words{"no-such-program"}); });
  EXPECT_EQ(as<troupe::start_error>(error).errno_value(), ENOENT);
  EXPECT_THAT(what(error), HasSubstr("'no-such-program' could not be started"));
}

TEST_P(CommandTask, AMapRunsMany) {
  auto p = pool();
  std::vector<words> all;
  for (int i = 0; i < 20; ++i) all.push_back({"echo", std::to_string(i)});
  const auto done = p.map<captured>(all);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)].out, std::to_string(i) + "\n");
}

class CommandOfWorker : public placed_test {
 protected:
  /// A command that has begun, and will not end by itself.
  words endless() { return sh("echo >" + file("begun") + "; sleep 1000 & sleep 1000"); }
  bool has_begun() {
    return eventually([&] { return std::filesystem::exists(file("begun")); });
  }
};
INSTANTIATE_TEST_SUITE_P(, CommandOfWorker, real_workers, placement_name);

// (That nothing of the command is left is seen at the end of each test.)
TEST_P(CommandOfWorker, EndsWithTheDeadlineOfItsTask) {
  auto p = pool();
  EXPECT_THROW(p.submit<captured>({.deadline = 500ms}, endless()).get(), troupe::timeout_error);
  EXPECT_EQ(p.apply<captured>(words{"echo", "next"}).out, "next\n");
}

TEST_P(CommandOfWorker, EndsWithItsPool) {
  auto p = pool();
  const auto f = p.submit<captured>(endless());
  ASSERT_TRUE(has_begun());
  p.terminate();
  EXPECT_TRUE(p.join(20s));
  EXPECT_THROW(f.get(), troupe::cancelled_error);
}

class CommandOfWorkerProcess : public CommandOfWorker {};
INSTANTIATE_TEST_SUITE_P(, CommandOfWorkerProcess, testing::Values(troupe::placement::process),
                         placement_name);

TEST_P(CommandOfWorkerProcess, EndsWithItsWorkerWhateverThatDiesOf) {
  auto p = pool(1);
  const auto f = p.submit<captured>(endless());
  ASSERT_TRUE(has_begun());
  kill(p.stats().workers.at(0).pid, SIGKILL);
  EXPECT_THROW(f.get(), troupe::worker_lost);
}

}  // namespace
