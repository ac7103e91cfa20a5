// The host dies, in whatever way and whatever its workers are at: within a second none of them is
// left, nor of the programs that they started.
#include "tests/runtime/programs.hpp"
#include "tests/runtime/support.hpp"

#include <csignal>
#include <fstream>

using namespace support;
using testing::IsEmpty;

namespace {

constexpr duration at_most = under_asan ? 3s : 1s;

class HostDeath : public clean_test {
 protected:
  std::string directory() { return file(""); }
  int marks_left() { return marks(file("marks")); }
  /// A host whose eight workers are all at `task`.
  program& host(const std::string& task, const std::string& end = "wait") {
    auto& h = host_.emplace("doomed_host", std::vector{directory(), task, end});
    EXPECT_TRUE(eventually([&] { return marks_left() >= 8; })) << h.output();
    return h;
  }
  void expect_nobody(int but = 0) {
    std::vector<std::string> left;
    eventually([&] { return (left = orphans_.alive(but)).empty(); }, at_most);
    EXPECT_THAT(left, IsEmpty());
  }
  void TearDown() override {
    host_.reset();
    orphans_.kill_all();  // one that survives fails its own test, not all that follow
    clean_test::TearDown();
  }

  orphanage orphans_;
  std::optional<program> host_;
};

class Busy : public HostDeath, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(, Busy,
                         testing::Values("idle", "computing", "sleeping", "deaf", "stopped",
                                         "family", "double_fork", "descriptors", "fork_only"),
                         [](const auto& i) { return std::string{i.param}; });

TEST_P(Busy, WorkersDieWithAHostThatIsKilled) {
  auto& h = host(GetParam());
  h.signal(SIGKILL);
  EXPECT_EQ(h.end(), "signal 9");
  expect_nobody();
}

struct ending {
  const char* how;
  const char* status;
};
class Ending : public HostDeath, public testing::WithParamInterface<ending> {};
INSTANTIATE_TEST_SUITE_P(, Ending,
                         testing::Values(ending{"SIGSEGV", "signal 11"}, ending{"abort", "signal 6"},
                                         ending{"_exit", "exit 3"}, ending{"quick_exit", "exit 3"}),
                         [](const auto& i) { return std::string{i.param.how}; });

TEST_P(Ending, WorkersDieWithTheirHostHoweverItEnds) {
  auto& h = host("family", GetParam().how);
  const auto status = h.end();
  if (!under_asan) {
    EXPECT_EQ(status, GetParam().status);
  }
  expect_nobody();
}

TEST_F(HostDeath, BySignalsThatItDoesNotHandle) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT, SIGQUIT}) {
    auto& h = host("computing");
    h.signal(number);
    EXPECT_EQ(h.end(), "signal " + std::to_string(number));
    expect_nobody();
    std::filesystem::remove(file("marks"));
  }
}

TEST_F(HostDeath, WorkersDieWhenTheirHostBecomesAnotherProgram) {
  auto& h = host("family", "exec");
  EXPECT_TRUE(eventually([&] { return marks(file("again")) == 1; }));
  expect_nobody(h.pid());
}

// It holds copies of all that the host had open: so no worker sees the end of its socket.
TEST_F(HostDeath, WorkersDieEvenIfAChildOfTheHostHoldsItsDescriptors) {
  auto& h = host("computing", "fork");
  EXPECT_TRUE(eventually([&] { return orphans_.alive(h.pid()).size() == 9; }));
  h.signal(SIGKILL);
  EXPECT_EQ(h.end(), "signal 9");
  std::vector<std::string> left;
  eventually([&] { return (left = orphans_.alive()).size() == 1; }, at_most);
  ASSERT_EQ(left.size(), 1U) << testing::PrintToString(left);
  EXPECT_EQ(left[0].find("--troupe-worker"), std::string::npos) << left[0];
}

TEST_F(HostDeath, WhileItEndsItsPoolAndWaitsForWorkersThatDoNotHeedIt) {
  auto& h = host("deaf", "shutdown");
  EXPECT_TRUE(eventually([&] { return marks(file("ending")) == 1; }));
  h.signal(SIGKILL);
  EXPECT_EQ(h.end(), "signal 9");
  expect_nobody();
}

TEST_F(HostDeath, WhileItsWorkersHangBeforeTheirMain) {
  auto& h = host_.emplace("doomed_host", std::vector<std::string>{directory(), "stuck", "wait"});
  EXPECT_TRUE(eventually([&] { return orphans_.alive(h.pid()).size() == 8; }));
  h.signal(SIGKILL);
  h.end();
  expect_nobody();
}

TEST_F(HostDeath, WhileItStartsWorkers) {
  auto random = random_source();
  for (int i = 0; i < 10; ++i) {
    const int pools = 1 + static_cast<int>(random() % 5);
    auto& h = host_.emplace("doomed_host", std::vector<std::string>{directory(), "spawning", "wait"});
    EXPECT_TRUE(eventually([&] { return marks_left() >= pools; }));
    for (auto n = random() % 1'000'000; n != 0; --n) asm volatile("");
    h.signal(SIGKILL);
    h.end();
    expect_nobody();
    std::filesystem::remove(file("marks"));
  }
}

}  // namespace
