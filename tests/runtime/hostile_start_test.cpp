// A worker program that breaks the rules before it is ready, or is no worker program at all.
// That one must be ready in time is tried in virtual time: tests/actors/supervisor_test.cpp.
#include "tests/runtime/support.hpp"

using namespace support;
using testing::HasSubstr;

namespace {

class HostileStart : public clean_test {
 protected:
  void SetUp() override {
    clean_test::SetUp();
    sys({.worker_executable = TROUPE_PROGRAMS_DIR "/hostile_worker"});
  }
  troupe::pool bad(const std::string& mode) {
    return pool({.workers = 1, .name = "bad." + mode, .grace = 50ms});
  }
  std::string refusal(const std::string& mode) {
    return as<troupe::start_error>(thrown_by([&] { bad(mode); })).what();
  }
};

struct fault {
  const char* mode;
  const char* says;
};
class FirstWords : public HostileStart, public testing::WithParamInterface<fault> {};

TEST_P(FirstWords, ThatAreWrongAreAStartErrorThatSaysSo) {
  EXPECT_THAT(refusal(GetParam().mode), HasSubstr(GetParam().says));
  auto honest = pool({.workers = 1});
  EXPECT_EQ(honest.submit<square>(5).get(), 25);
}

INSTANTIATE_TEST_SUITE_P(
    , FirstWords,
    testing::Values(fault{"no_hello", "SIGKILL"}, fault{"no_hello_closed", "SIGKILL"},
                    fault{"ready_before_hello", "unexpected message: ready"},
                    fault{"failed_before_hello", "unexpected message: failed"},
                    fault{"identity", "it is troupe 99, wire format 7?[2J?, the host is troupe "},
                    fault{"hello_of_garbage", "it broke the protocol"},
                    fault{"task_on_the_socket", "unexpected message: task"}),
    [](const auto& i) { return std::string{i.param.mode}; });

TEST_F(HostileStart, AnIdentityWithoutEndIsCut) {
  const auto why = refusal("identity_without_end");
  EXPECT_THAT(why, HasSubstr("it is xxxx"));
  EXPECT_LT(why.size(), 2000U);
}

TEST_F(HostileStart, ALateHelloIsAsGoodAsAnEarlyOne) {
  auto p = bad("late_hello");
  EXPECT_EQ(p.submit<square>(5).get(), 25);
  EXPECT_EQ(p.stats().restarts, 0U);
}

TEST_F(HostileStart, AFailureThatMakesNoSenseIsAFailure) {
  const auto error = thrown_by([&] { bad("failed_of_garbage").submit<square>(5).get(); });
  EXPECT_TRUE(is<troupe::pool_broken>(error)) << what(error);
  EXPECT_THAT(what(error), HasSubstr("initializer failed"));
}

// It lives on, and says that it is ready after all: its initializer has failed all the same.
TEST_F(HostileStart, AWorkerWhoseInitializerFailedIsNeverReady) {
  const auto error = thrown_by([&] { bad("ready_after_failed").submit<square>(5).get(); });
  EXPECT_TRUE(is<troupe::pool_broken>(error)) << what(error);
  EXPECT_THAT(what(error), HasSubstr("initializer failed"));
}

TEST_F(HostileStart, AProgramThatIsNoWorkerIsAStartError) {
  sys({.worker_executable = "/bin/false"});
  EXPECT_THAT(what(thrown_by([&] { pool({.workers = 2}); })), HasSubstr("exit 1"));
  sys({.worker_executable = "/bin/true"});
  EXPECT_TRUE(is<troupe::start_error>(thrown_by([&] { pool({.workers = 2}); })));
}

}  // namespace
