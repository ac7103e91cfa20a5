// Workers that cannot start, and deaths amid large messages.
#include "tests/runtime/support.hpp"

#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace support;
using troupe::worker_lost;

namespace {

class Start : public clean_test {
 protected:
  /// What making a pool with this worker program throws.
  std::exception_ptr started_from(const std::string& program, std::size_t workers = 2) {
    troupe::system s{{.worker_executable = program}};
    return thrown_by([&] { const troupe::pool p{s, {.workers = workers}}; });
  }
  void expect_errno(const std::string& program, int expected) {
    const auto error = started_from(program);
    ASSERT_TRUE(is<troupe::start_error>(error)) << program << ": " << what(error);
    EXPECT_EQ(as<troupe::start_error>(error).errno_value(), expected) << what(error);
    EXPECT_EQ(as<troupe::start_error>(error).path(), program);
    EXPECT_NE(what(error).find(program), std::string::npos) << what(error);
  }
  std::string written(const std::string& name, const std::string& text, mode_t mode) {
    std::ofstream{file(name)} << text;
    chmod(file(name).c_str(), mode);
    return file(name);
  }
};
class Large : public clean_test {
 protected:
  void SetUp() override {
    clean_test::SetUp();
  }
};

constexpr std::size_t large = 48 << 20;
std::string make(std::uint64_t n) { return std::string(n, 'm'); }
std::size_t length(const std::string& text) { return text.size(); }
struct dies_when_read {
  std::string filler;
  template <class Archive>
  void save(Archive& a) const { a(filler); }
  template <class Archive>
  void load(Archive& a) {
    a(filler);
    raise(SIGKILL);
  }
};
int reads(const dies_when_read&) { return 1; }
struct dies_when_written {
  template <class Archive>
  void save(Archive& a) const {
    a(std::string(large, 'd'));
    raise(SIGKILL);
  }
  template <class Archive>
  void load(Archive&) {}
};
dies_when_written writes() { return {}; }

TEST_F(Start, OfAProgramThatIsNotThereIsRefusedWithErrnoAndPath) {
  expect_errno("/no/such/program", ENOENT);
  expect_errno(written("text", "not a program\n", 0644), EACCES);
  expect_errno(written("script", "not a program\n", 0755), ENOEXEC);
  expect_errno(file(""), EACCES);
  expect_errno(written("a", "", 0644) + "/b", ENOTDIR);
}

TEST_F(Start, OfAProgramThatEndsAtOnceIsRefused) {
  for (const std::string program : {"/bin/false", "/bin/true"}) {
    const auto error = started_from(program);
    ASSERT_TRUE(is<troupe::start_error>(error)) << what(error);
    EXPECT_EQ(as<troupe::start_error>(error).errno_value(), 0);
    EXPECT_NE(what(error).find(program == "/bin/false" ? "exit 1" : "exit 0"), std::string::npos) << what(error);
    EXPECT_NE(what(error).find(program), std::string::npos) << what(error);
  }
}

TEST_F(Start, OfManyWorkersThatCannotStartIsRefusedOnce) {
  EXPECT_TRUE(is<troupe::start_error>(started_from("/no/such/program", 50)));
  EXPECT_TRUE(is<troupe::start_error>(started_from("/bin/false", 50)));
}

TEST_F(Start, OfAnotherProgramThanOneOfTroupeIsRefused) {
  const auto program = written("imposter", "#!/bin/sh\nprintf %0100d 0 >&3\nsleep 1000\n", 0755);
  const auto error = started_from(program);
  EXPECT_TRUE(is<troupe::start_error>(error)) << what(error);
}

TEST_F(Start, OfAProgramWithoutTheFunctionIsAnUnknownFunction) {
  troupe::system s{{.worker_executable = TROUPE_PROGRAMS_DIR "/left_behind"}};
  const auto error = thrown_by([&] {
    troupe::pool p{s, {.workers = 1}};
    p.submit<square>(3).get(20s);
  });
  EXPECT_TRUE(is<troupe::unknown_function>(error)) << what(error);
}


TEST_F(Large, AnArgumentIsBeingSentWhenTheWorkerDies) {
  auto p = pool({.workers = 1, .restarts = {100, 1s}});
  for (int round = 0; round < 5; ++round) {
    const int pid = p.apply<troupe::tasks::pid>();
    const auto f = p.submit<length>(std::string(large, 'a'));
    kill(pid, SIGKILL);
    ASSERT_TRUE(f.wait_for(30s));
    if (f.outcome()) EXPECT_EQ(f.get(), large);
    else EXPECT_TRUE(is<worker_lost>(f.error())) << what(f.error());
    EXPECT_EQ(p.submit<length>(std::string(large, 'b')).get(30s), large);
  }
}

TEST_F(Large, AnArgumentKillsWhoReadsIt) {
  auto p = pool({.workers = 2});
  const auto f = p.submit<reads>(dies_when_read{std::string(large, 'x')});
  ASSERT_TRUE(f.wait_for(30s));
  EXPECT_EQ(as<worker_lost>(f.error()).exit_status().signal, SIGKILL);
  EXPECT_EQ(p.submit<length>(std::string(large, 'b')).get(30s), large);
}

TEST_F(Large, AResultIsBeingWrittenWhenTheWorkerDies) {
  auto p = pool({.workers = 2});
  const auto f = p.submit<writes>();
  const auto other = p.submit<make>(std::uint64_t{large});
  ASSERT_TRUE(f.wait_for(30s));
  EXPECT_EQ(as<worker_lost>(f.error()).exit_status().signal, SIGKILL);
  EXPECT_EQ(other.get(30s).size(), large);
  EXPECT_EQ(p.submit<make>(std::uint64_t{large}).get(30s).size(), large);
}

TEST_F(Large, AResultIsOnItsWayWhenTheWorkerDies) {
  auto random = random_source();
  auto p = pool({.workers = 1, .restarts = {100, 1s}});
  for (int round = 0; round < 15; ++round) {
    const int pid = p.apply<troupe::tasks::pid>();
    const auto f = p.submit<make>(std::uint64_t{large});
    f.wait_for(std::chrono::microseconds{random() % 60'000});
    kill(pid, SIGKILL);
    ASSERT_TRUE(f.wait_for(30s));
    if (f.outcome()) EXPECT_EQ(f.get().size(), large);
    else EXPECT_TRUE(is<worker_lost>(f.error())) << what(f.error());
  }
  EXPECT_EQ(p.submit<square>(3).get(20s), 9);
}

TEST_F(Large, ARetryOfALargeArgumentIsWhole) {
  auto p = pool({.workers = 1, .on_loss = troupe::loss_policy::retry_task, .max_retries = 20, .restarts = {100, 1s}});
  for (int round = 0; round < 5; ++round) {
    const int pid = p.apply<troupe::tasks::pid>();
    const auto f = p.submit<length>(std::string(large, 'a'));
    kill(pid, SIGKILL);
    EXPECT_EQ(f.get(30s), large);
  }
}


}  // namespace
