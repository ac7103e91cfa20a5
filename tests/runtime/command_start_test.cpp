#include "runtime/command_start.hpp"

#include "tests/runtime/support.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace support;
using namespace troupe::detail;

namespace {

class CommandStart : public clean_test {};

TEST_F(CommandStart, StaysInTheCallersGroupOrHasItsOwn) {
  for (const bool own : {false, true}) {
    const int pid = start_command({"sleep", "1000"}, {}, {}, {}, own);
    EXPECT_EQ(getpgid(pid), own ? pid : getpgrp());
    kill(pid, SIGKILL);
    EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
  }
}

TEST_F(CommandStart, WritesWhereItIsTold) {
  pipe_ends out;
  out.open({"echo"});
  const int pid = start_command({"echo", "seen"}, {}, out.write, {}, false);
  out.write.close();
  char bytes[16];
  EXPECT_EQ(read(out.read.get(), bytes, sizeof bytes), 5);
  EXPECT_EQ(read(out.read.get(), bytes, sizeof bytes), 0);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
}

}  // namespace
