#include "tests/runtime/support.hpp"

#include <csignal>
#include <fstream>
#include <fcntl.h>
#include <unistd.h>

using namespace support;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using troupe::check_output;
using troupe::run;

namespace {

using words = std::vector<std::string>;

words sh(const std::string& script) { return {"sh", "-c", script}; }
std::string megabytes(std::size_t n) {
  std::string s;
  while (s.size() < n << 20) s += std::to_string(s.size()) + "\n";
  return s;
}

class Command : public clean_test {};

// --- what comes back -------------------------------------------------------------------------

TEST_F(Command, PrintsOnTheCallersStreamsUnlessCaptured) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto p = run(sh("echo seen; echo heard >&2"));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "seen\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "heard\n");
  EXPECT_TRUE(p.status.ok());
  EXPECT_THAT(p.out + p.err, IsEmpty());
}

TEST_F(Command, GivesBackArgvStatusAndWhatItPrinted) {
  const auto p = run(sh("echo seen; echo heard >&2; exit 3"), {.capture = true});
  EXPECT_EQ(p.argv, sh("echo seen; echo heard >&2; exit 3"));
  EXPECT_EQ(p.status.to_string(), "exit 3");
  EXPECT_EQ(p.out, "seen\n");
  EXPECT_EQ(p.err, "heard\n");
}

TEST_F(Command, TellsTheSignalThatKilledIt) {
  EXPECT_EQ(run(sh("kill -9 $$")).status.to_string(), "killed by SIGKILL (9)");
  EXPECT_EQ(run(sh("kill -15 $$")).status.signal, SIGTERM);
}

TEST_F(Command, KnowsNoShell) {
  const auto p =
      run({"printf", "<%s>", "a b", "$HOME", "*", "", "'\"\\", "x\ny", ";"}, {.capture = true});
  EXPECT_EQ(p.out, "<a b><$HOME><*><><'\"\\><x\ny><;>");
}

TEST_F(Command, OutputIsBytes) {
  EXPECT_EQ(check_output({"printf", "a\\0b\\377"}), std::string("a\0b\xff", 4));
}

TEST_F(Command, CheckOutputLeavesStderrToTheCaller) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(check_output(sh("echo seen; echo heard >&2")), "seen\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "heard\n");
}

// --- errors ----------------------------------------------------------------------------------

TEST_F(Command, CheckedThrowsOnABadEndWithAllThatIsKnown) {
  const auto e = as<troupe::called_process_error>(thrown_by(
      [] { run(sh("echo seen; echo heard >&2; exit 3"), {.capture = true, .check = true}); }));
  EXPECT_STREQ(e.what(),
               "command 'sh -c \"echo seen; echo heard >&2; exit 3\"' exited with status 3; "
               "its last words: heard");
  EXPECT_EQ(e.process().status.code, 3);
  EXPECT_EQ(e.process().out, "seen\n");
  EXPECT_EQ(e.process().err, "heard\n");
}

TEST_F(Command, TheTextOfAnErrorIsShortAndOneLine) {
  const auto text = [](const words& argv) {
    return what(thrown_by([&] { run(argv, {.capture = true, .check = true}); }));
  };
  EXPECT_EQ(text({"false"}), "command 'false' exited with status 1");
  EXPECT_EQ(text(sh("kill -9 $$")), "command 'sh -c \"kill -9 $$\"' was killed by SIGKILL (9)");
  const auto lengthy = text(sh("seq 100000 >&2; exit 1 # " + std::string(9999, 'x')));
  EXPECT_LT(lengthy.size(), 1000u);
  EXPECT_THAT(lengthy, HasSubstr("\\n99999\\n100000"));
  EXPECT_THAT(lengthy, testing::Not(HasSubstr("\n")));
}

TEST_F(Command, CheckOutputChecks) {
  EXPECT_THROW(check_output({"false"}), troupe::called_process_error);
  const auto quiet = [] { check_output(sh("echo heard >&2; exit 1"), {.capture = true}); };
  EXPECT_THAT(what(thrown_by(quiet)), EndsWith("last words: heard"));
}

TEST_F(Command, AMissingProgramIsNamed) {
  const auto e = as<troupe::start_error>(thrown_by([] { run({"no-such-program", "-x"}); }));
  EXPECT_STREQ(e.what(), "command 'no-such-program -x' could not be started: "
                         "No such file or directory");
  EXPECT_EQ(e.errno_value(), ENOENT);
  EXPECT_EQ(e.path(), "no-such-program");
  EXPECT_EQ(as<troupe::start_error>(thrown_by([] { run({"/etc/passwd"}); })).errno_value(), EACCES);
}

TEST_F(Command, AMissingDirectoryIsNamedAndNotTheProgram) {
  const auto e =
      as<troupe::start_error>(thrown_by([] { run({"true"}, {.cwd = "/no/such/directory"}); }));
  EXPECT_STREQ(e.what(), "command 'true' could not be started in /no/such/directory: "
                         "No such file or directory");
  EXPECT_EQ(e.path(), "/no/such/directory");
}

TEST_F(Command, WhatCannotBeIsRefused) {
  EXPECT_THROW(run({}), troupe::usage_error);
  EXPECT_THROW(run({"echo", std::string("a\0b", 3)}), troupe::usage_error);
  EXPECT_THROW(run({"true"}, {.timeout = 0s}), troupe::usage_error);
  EXPECT_THROW(run({"true"}, {.env = {{{"A=B", "x"}}}}), troupe::usage_error);
  EXPECT_THROW(run({"true"}, {.env = {{{"", "x"}}}}), troupe::usage_error);
  EXPECT_THROW(run({"true"}, {.cwd = std::string("/\0", 2)}), troupe::usage_error);
}

// --- input and output of any size ------------------------------------------------------------

TEST_F(Command, LargeInputAndOutputOnBothStreamsPass) {
  const auto input = megabytes(8);
  const auto p = run({"tee", "/dev/stderr"}, {.capture = true, .input = input});
  EXPECT_TRUE(p.out == input);
  EXPECT_TRUE(p.err == input);
}

TEST_F(Command, InputThatNobodyReadsHarmsNobody) {
  EXPECT_TRUE(run({"true"}, {.input = megabytes(8)}).status.ok());
  EXPECT_EQ(run(sh("exec <&-; echo fine"), {.capture = true, .input = megabytes(1)}).out, "fine\n");
  EXPECT_EQ(run({"head", "-n1"}, {.capture = true, .input = megabytes(1)}).out, "0\n");
}

TEST_F(Command, InputCanBeOpenedAnew) {
  EXPECT_EQ(check_output({"cat", "/dev/stdin"}, {.input = "by name"}), "by name");
}

TEST_F(Command, AnEmptyInputIsAnEndAtOnce) {
  EXPECT_EQ(check_output({"wc", "-c"}, {.input = ""}), "0\n");
}

TEST_F(Command, WhatItLeavesRunningHoldsUpTheCapture) {
  const auto go = file("go");
  const auto p =
      run(sh("mkfifo " + go + "; (read x <" + go + "; echo late) & echo >" + go + " & exit 0"),
          {.capture = true});
  EXPECT_EQ(p.out, "late\n");
}

TEST_F(Command, WithoutCaptureItsOwnEndIsTheEnd) {
  const auto out = file("pid");
  run(sh("sleep 1000 & echo $! >" + out));
  std::ifstream in{out};
  int pid = 0;
  in >> pid;
  EXPECT_EQ(kill(pid, SIGKILL), 0);
}

// --- timeout ---------------------------------------------------------------------------------

/// How a script without end is ended, once it had the time to begin, which `begun` tells.
template <class Begun>
troupe::command_timeout ended(const std::string& script, Begun begun) {
  for (auto t = 300ms;; t *= 2) {
    const auto e = as<troupe::command_timeout>(
        thrown_by([&] { run(sh(script), {.capture = true, .input = "", .timeout = t}); }));
    if (begun(e.process()) || t > 20s) return e;
  }
}

TEST_F(Command, TheTimeoutKillsItsGroupAndTellsTheOutputSoFar) {
  const auto e = ended("echo so far; echo and here >&2; sleep 1000 & sleep 1000",
                       [](const auto& process) { return !process.err.empty(); });
  EXPECT_THAT(e.what(), HasSubstr("took longer than "));
  EXPECT_THAT(e.what(), HasSubstr(" and was killed; its last words: and"));
  EXPECT_EQ(e.process().out, "so far\n");
  EXPECT_EQ(e.process().status.signal, SIGKILL);
}  // (that the second sleep is gone, too, is seen when the test ends)

TEST_F(Command, TheTimeoutCountsForWhatHoldsTheCaptureOpen) {
  const auto e = ended("sleep 1000 & echo gone",
                       [](const auto& process) { return !process.out.empty(); });
  EXPECT_EQ(e.process().out, "gone\n");
  EXPECT_TRUE(e.process().status.ok());
}

TEST_F(Command, TheTimeoutNeedsNoCapture) {
  EXPECT_THROW(run({"sleep", "1000"}, {.input = "", .timeout = 50ms}), troupe::timeout_error);
}

TEST_F(Command, WhoEscapesFromTheGroupDoesNotHoldUpTheTimeout) {
  const auto mark = file("pid");
  int pid = 0;
  // (What escapes without a word is ended by itself, before the test looks at what is left.)
  ended("setsid sh -c 'echo $$ >" + mark + "; exec sleep 15' & sleep 1000", [&](const auto&) {
    std::ifstream in{mark};
    return static_cast<bool>(in >> pid);
  });
  ASSERT_GT(pid, 1);
  kill(pid, SIGKILL);
}

TEST_F(Command, OneThatIsInTimeIsNotDisturbed) {
  EXPECT_EQ(check_output({"echo", "in time"}, {.timeout = 1h}), "in time\n");
}

// --- what it is given ------------------------------------------------------------------------

TEST_F(Command, RunsInItsDirectory) {
  EXPECT_EQ(check_output({"pwd"}, {.cwd = "/"}), "/\n");
  EXPECT_EQ(check_output({"./true"}, {.cwd = "/bin"}), "");
}

TEST_F(Command, GetsTheCallersEnvironmentOrItsOwn) {
  setenv("TROUPE_TEST_VARIABLE", "seen", 1);
  EXPECT_EQ(check_output(sh("echo $TROUPE_TEST_VARIABLE")), "seen\n");
  unsetenv("TROUPE_TEST_VARIABLE");
  EXPECT_EQ(check_output({"env"}, {.env = {{{"A", "1"}, {"B", "x=y z"}}}}), "A=1\nB=x=y z\n");
  EXPECT_EQ(check_output({"env"}, {.env = std::map<std::string, std::string>{}}), "");
}

TEST_F(Command, InheritsNoDescriptorButTheStreams) {
  const int open = dup(STDERR_FILENO);  // not close-on-exec
  EXPECT_EQ(check_output({"ls", "/proc/self/fd"}, {.capture = true, .input = "x"}), "0\n1\n2\n3\n");
  close(open);
}  // (3 is the directory that ls reads)

TEST_F(Command, BlocksAndIgnoresNoSignal) {
  sigset_t mask, before;
  sigfillset(&mask);
  pthread_sigmask(SIG_BLOCK, &mask, &before);
  const auto old = std::signal(SIGPIPE, SIG_IGN);
  const auto lines = check_output({"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"});
  std::signal(SIGPIPE, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(lines, StartsWith("SigBlk:\t0000000000000000\nSigIgn:\t"));
  EXPECT_THAT(lines, EndsWith("0000000\n"));
}  // (above them, of 32 and 33, the C library takes care itself)

TEST_F(Command, HasAProcessGroupOfItsOwn) {
  const auto two = check_output(sh("echo $$; cut -d' ' -f5 /proc/$$/stat"), {.input = ""});
  const auto middle = two.find('\n');
  EXPECT_EQ(two.substr(0, middle), two.substr(middle + 1, two.size() - middle - 2));
}

}  // namespace
