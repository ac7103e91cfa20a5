#include <troupe/troupe.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

namespace troupe {
namespace {

struct identity {
  std::string name;
  std::uint64_t id = 0;
  int pid = 0, parent = 0, where = 0;
};
identity who() {
  return {this_worker::name(), this_worker::id(), this_worker::pid(), this_worker::parent_pid(),
          static_cast<int>(this_worker::where())};
}

TEST(ThisWorker, OutsideOfWorkersSpeaksOfTheProcess) {
  EXPECT_EQ(this_worker::name(), "");
  EXPECT_EQ(this_worker::id(), 0U);
  EXPECT_EQ(this_worker::pid(), getpid());
  EXPECT_EQ(this_worker::parent_pid(), getppid());
  EXPECT_EQ(this_worker::where(), placement::inline_);
  EXPECT_FALSE(this_worker::stop_requested());
  this_worker::progress(0.5);
}

TEST(ThisWorker, KnowsItsNamePlaceAndHost) {
  troupe::system sys;
  for (const auto where : {placement::inline_, placement::thread, placement::process}) {
    pool p{sys, {.workers = 1, .where = where, .name = "crew"}};
    const auto w = p.apply<who>();
    EXPECT_EQ(w.name, "crew-1");
    EXPECT_EQ(w.where, static_cast<int>(where));
    EXPECT_EQ(w.pid == getpid(), where != placement::process);
    EXPECT_EQ(w.parent, where == placement::process ? getpid() : getppid());
  }
}

int half_way() {
  this_worker::progress(0.5);
  tasks::sleep(std::chrono::hours{1});
  return 1;
}

TEST(ThisWorker, ProgressIsSeenByTheHost) {
  troupe::system sys;
  for (const auto where : {placement::thread, placement::process}) {
    pool p{sys, {.workers = 1, .where = where}};
    const auto f = p.submit<half_way>();
    while (f.progress() != 0.5) std::this_thread::yield();
    p.terminate();
    f.wait();
    EXPECT_EQ(f.progress(), 1.0);
  }
}

}  // namespace
}  // namespace troupe
