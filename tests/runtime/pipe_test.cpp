// A pipe between any two places.
#include "tests/runtime/places.hpp"

#include <csignal>
#include <unistd.h>

using namespace support;
using troupe::pipe_end;

namespace {

class Pipe : public placed_objects {};
INSTANTIATE_TEST_SUITE_P(, Pipe, every_place, place_name);
class PipeBetween : public between_places {};
INSTANTIATE_TEST_SUITE_P(, PipeBetween, every_pair, pair_name);
class PipeToAProcess : public places_test {};

int echo(pipe_end<std::string> end) {
  int n = 0;
  try {
    for (;; ++n) end.send(end.recv() + "!");
  } catch (const troupe::closed_error&) {
    return n;
  }
}
std::vector<std::string> talk(pipe_end<std::string> end, int n) {
  std::vector<std::string> heard;
  for (int i = 0; i < n; ++i) {
    end.send(std::to_string(i));
    heard.push_back(end.recv());
  }
  end.close();
  return heard;
}

TEST_P(PipeBetween, GoesBothWays) {
  auto [a, b] = troupe::pipe<std::string>(sys());
  auto echoes = begin<echo>(there(), b);
  EXPECT_EQ(begin<talk>(here(), a, 3)(), (std::vector<std::string>{"0!", "1!", "2!"}));
  EXPECT_EQ(echoes(), 3);
}

std::string calls(pipe_end<int> empty, pipe_end<int> ready, pipe_end<int> closed) {
  std::string all;
  const auto note = [&](auto&& act) {
    try {
      act();
      all += "ok; ";
    } catch (const troupe::empty_error&) {
      all += "empty; ";
    } catch (const troupe::closed_error&) {
      all += "closed; ";
    } catch (const troupe::usage_error&) {
      all += "usage; ";
    }
  };
  all += empty.poll() || empty.poll(5ms) ? "poll! " : "";
  all += !ready.poll() || !ready.poll(5ms) ? "poll! " : "";
  all += !closed.poll() ? "poll! " : "";
  note([&] { empty.recv(5ms); });
  note([&] { all += std::to_string(ready.recv()) + " "; });
  note([&] { closed.send(1); });
  note([&] { closed.recv(); });
  note([&] { closed.recv(); });
  note([] { pipe_end<int>{}.recv(); });
  return all;
}

TEST_P(Pipe, TellsEmptyReadyAndClosed) {
  auto [a, b] = troupe::pipe<int>(sys());
  auto [c, d] = troupe::pipe<int>(sys());
  auto [e, f] = troupe::pipe<int>(sys());
  c.send(7);
  e.send(8);
  e.close();
  e.close();
  EXPECT_EQ(begin<calls>(where(), b, d, f)(), "empty; 7 ok; closed; ok; closed; usage; ");
}

int drop(pipe_end<int> end) {
  end.send(1);
  return 0;
}

TEST_P(Pipe, TheLastCopyOfAnEndClosesIt) {
  auto [a, b] = troupe::pipe<int>(sys());
  auto dropped = begin<drop>(where(), b);
  b = {};
  EXPECT_EQ(dropped(), 0);
  dropped = {};
  EXPECT_EQ(a.recv(20s), 1);
  EXPECT_THROW(a.recv(20s), troupe::closed_error);
  EXPECT_THROW(a.send(1), troupe::closed_error);
}

int hold(pipe_end<int> end) {
  end.send(getpid());
  return end.recv();
}

TEST_F(PipeToAProcess, TheDeathOfAProcessClosesItsEnd) {
  auto [a, b] = troupe::pipe<int>(sys());
  auto holds = begin<hold>(place::process, b);
  b = {};
  kill(a.recv(20s), SIGKILL);
  EXPECT_THROW(a.recv(20s), troupe::closed_error);
  EXPECT_THROW(holds(), troupe::worker_lost);
}

int receive(pipe_end<pipe_end<int>> end) {
  end.recv().send(5);
  return 0;
}

TEST_P(Pipe, EndsTravelThroughPipes) {
  auto [a, b] = troupe::pipe<pipe_end<int>>(sys());
  auto [c, d] = troupe::pipe<int>(sys());
  a.send(d);
  begin<receive>(where(), b)();
  EXPECT_EQ(c.recv(20s), 5);
}

int send_many(pipe_end<std::vector<char>> end, int n) {
  for (int i = 0; i < n; ++i) end.send(std::vector<char>(1 << 20, static_cast<char>(i)));
  return n;
}

TEST_P(Pipe, ABoundedOneLetsTheSenderWait) {
  auto [a, b] = troupe::pipe<std::vector<char>>(sys(), {.capacity = 2});
  auto sent = begin<send_many>(where(), b, 10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(a.recv(20s).at(77), static_cast<char>(i));
  EXPECT_EQ(sent(), 10);
}

}  // namespace
