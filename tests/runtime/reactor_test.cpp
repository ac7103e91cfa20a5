#include "runtime/reactor.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <csignal>
#include <future>

namespace troupe::detail {
namespace {

struct counter final : reactor::watcher {
  explicit counter(int fd, bool drain) : fd(fd), drain(drain) {}
  void ready(int tag) noexcept override {
    std::uint64_t n;
    if (drain) [[maybe_unused]] const auto got = read(fd, &n, sizeof n);
    last_tag = tag;
    if (++calls == wanted) reached.set_value();
  }
  int fd;
  bool drain;
  int calls = 0, wanted = 1, last_tag = -1;
  std::promise<void> reached;
};

void ring(int fd) {
  const std::uint64_t one = 1;
  ASSERT_EQ(write(fd, &one, sizeof one), 8);
}

TEST(Reactor, RunsWhatIsPostedOnItsOwnThread) {
  reactor r;
  std::promise<std::thread::id> where;
  r.post([&] { where.set_value(std::this_thread::get_id()); });
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
}

TEST(Reactor, TellsTheWatcherWithItsTag) {
  const int fd = eventfd(0, EFD_NONBLOCK);
  const auto w = std::make_shared<counter>(fd, true);
  {
    reactor r;
    r.post([&] { r.add(fd, w, 7, false); });
    ring(fd);
    w->reached.get_future().get();
  }
  EXPECT_EQ(w->last_tag, 7);
  close(fd);
}

TEST(Reactor, AnEdgeNeedNotBeRead) {
  const int fd = eventfd(0, EFD_NONBLOCK);
  const auto w = std::make_shared<counter>(fd, false);
  {
    reactor r;
    r.post([&] { r.add(fd, w, 0, true); });
    ring(fd);
    w->reached.get_future().get();
    std::promise<void> again;
    r.post([&] {
      w->wanted = 2;
      w->reached = std::promise<void>{};
      again.set_value();
    });
    again.get_future().get();
    auto reached = w->reached.get_future();
    ring(fd);
    reached.get();
  }
  EXPECT_EQ(w->calls, 2);
  close(fd);
}

TEST(Reactor, AWatcherMayRemoveItself) {
  struct once final : reactor::watcher {
    reactor* r = nullptr;
    int fd = -1;
    std::promise<void> done;
    void ready(int) noexcept override {
      r->remove(fd);
      done.set_value();  // a second call would throw
    }
  };
  const int fd = eventfd(1, EFD_NONBLOCK);
  const auto w = std::make_shared<once>();
  {
    reactor r;
    w->r = &r;
    w->fd = fd;
    r.post([&] { r.add(fd, w, 0, false); });
    w->done.get_future().get();
  }
  close(fd);
}

TEST(StartThread, BlocksAllSignalsThereAndChangesNoneHere) {
  sigset_t before, after, there;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  start_thread("test", [&] { pthread_sigmask(SIG_SETMASK, nullptr, &there); }).join();
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&there, SIGTERM), 1);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

}  // namespace
}  // namespace troupe::detail
