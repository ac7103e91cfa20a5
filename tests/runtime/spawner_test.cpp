#include "runtime/spawner.hpp"

#include <troupe/error.hpp>

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <future>

namespace troupe::detail {
namespace {

class SpawnWorker : public ::testing::Test {
 protected:
  ~SpawnWorker() override { close(fd); }
  int exit_code_of(const std::string& program) {
    const int pid = spawn_worker({program, "w", fd, fd, fd});
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int errno_of(const std::string& program) {
    try {
      exit_code_of(program);
      return 0;
    } catch (const start_error& e) {
      EXPECT_EQ(e.path(), program);
      return e.errno_value();
    }
  }
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
};

TEST_F(SpawnWorker, RunsTheProgram) {
  EXPECT_EQ(exit_code_of("/bin/true"), 0);
  EXPECT_EQ(exit_code_of("/bin/false"), 1);
}

TEST_F(SpawnWorker, SaysWhyItCannot) {
  EXPECT_EQ(errno_of("/nowhere/at/all"), ENOENT);
  EXPECT_EQ(errno_of("/dev/null"), EACCES);
  EXPECT_EQ(errno_of("/dev/null/x"), ENOTDIR);
}

TEST_F(SpawnWorker, RefusesToNestWithoutEnd) {
  setenv(depth_variable, "10", 1);
  EXPECT_THROW(exit_code_of("/bin/true"), usage_error);
  unsetenv(depth_variable);
}

TEST(Spawner, DoesItsWorkInOrderAndAllOfItBeforeItEnds) {
  std::vector<int> done;
  {
    spawner s;
    for (int i = 0; i < 100; ++i) s.post([&done, i] { done.push_back(i); });
  }
  ASSERT_EQ(done.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(OwnProgram, IsThisOne) { EXPECT_TRUE(own_program().ends_with("_tests")) << own_program(); }

}  // namespace
}  // namespace troupe::detail
