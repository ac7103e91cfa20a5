#include "runtime/process_tree.hpp"

#include "runtime/command_start.hpp"
#include "tests/runtime/support.hpp"

#include <csignal>
#include <sys/wait.h>

using namespace support;

namespace {

class ProcessTree : public clean_test {};

// (That no descendant is left is seen when the test ends.)
TEST_F(ProcessTree, IsKilledToItsLeaves) {
  const auto begun = file("begun");
  const int pid = troupe::detail::start_command(
      {"sh", "-c", "sh -c 'sleep 1000 & sh -c \"echo >" + begun + "; sleep 1000; :\"; :' & wait"}, {},
      {}, {}, false);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(begun); }));
  troupe::detail::kill_tree(pid);
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST_F(ProcessTree, OneThatHasEndedIsNoTrouble) {
  const int pid = troupe::detail::start_command({"true"}, {}, {}, {}, false);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  troupe::detail::kill_tree(pid);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

}  // namespace
