#include "runtime/waiting_thread.hpp"

#include "runtime/worker_context.hpp"

#include "tests/runtime/support.hpp"

#include <thread>

using namespace support;
using namespace troupe::detail;

namespace {

reply answer(std::uint64_t number) {
  reply r;
  r.number = number;
  return r;
}
reply timed_out() {
  reply r;
  r.how = outcome::timed_out;
  return r;
}
const auto in_no_time = std::chrono::steady_clock::now();

TEST(WaitingThread, HasItsAnswerAtOnceIfItIsThere) {
  auto& me = waiting_thread::here();
  me.begin();
  me.answered(answer(7));
  EXPECT_EQ(me.wait(never, [] { FAIL(); }).number, 7U);
}

TEST(WaitingThread, WaitsForAnAnswerFromAnotherThread) {
  auto& me = waiting_thread::here();
  for (std::uint64_t i = 0; i < 200; ++i) {
    me.begin();
    std::thread other{[&] { me.answered(answer(i)); }};
    EXPECT_EQ(me.wait(never, [] { FAIL(); }).number, i);
    other.join();
  }
}

TEST(WaitingThread, WithdrawsAtTheDeadlineAndTakesTheLastWord) {
  auto& me = waiting_thread::here();
  me.begin();
  EXPECT_EQ(me.wait(in_no_time, [&] { me.answered(timed_out()); }).how, outcome::timed_out);
  me.begin();  // the answer was faster
  EXPECT_EQ(me.wait(in_no_time, [&] { me.answered(answer(3)); }).number, 3U);
}

TEST(WaitingThread, WithdrawsOnceAndWaitsForAsLongAsItTakes) {
  auto& me = waiting_thread::here();
  me.begin();
  std::thread other;
  int withdrawn = 0;
  EXPECT_EQ(me.wait(in_no_time,
                    [&] {
                      ++withdrawn;
                      other = std::thread{[&] {
                        troupe::tasks::sleep(5ms);
                        me.answered(timed_out());
                      }};
                    })
                .how,
            outcome::timed_out);
  other.join();
  EXPECT_EQ(withdrawn, 1);
}

TEST(WaitingThread, OfATaskThatIsAskedToStopGivesUp) {
  worker_context self;
  current_worker = &self;
  auto& me = waiting_thread::here();
  me.begin();
  std::thread other{[&] { self.request_stop(); }};
  EXPECT_THROW(me.wait(never, [&] { me.answered(timed_out()); }), troupe::cancelled_error);
  other.join();
  me.begin();  // what was given is not thrown away
  EXPECT_EQ(me.wait(never, [&] { me.answered(answer(1)); }).number, 1U);
  current_worker = nullptr;
}

std::atomic<std::uint64_t> ended{0};
void note_end(std::uint64_t thread) noexcept { ended = thread; }

TEST(ThreadNumber, IsItsOwnAndItsEndIsTold) {
  std::uint64_t number = 0, again = 0;
  std::thread{[&] {
    number = thread_number(note_end);
    again = thread_number(note_end);
  }}.join();
  EXPECT_NE(number, 0U);
  EXPECT_EQ(number, again);
  EXPECT_EQ(ended, number);
  std::thread{[&] { EXPECT_NE(thread_number(note_end), number); }}.join();
}

}  // namespace
