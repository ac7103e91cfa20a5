// Workers that use a mutex, a semaphore and a queue, and are killed at random: what they did, in
// the order in which they wrote it down, must be what could have happened one after another.
#include "tests/runtime/places.hpp"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

using namespace support;

namespace {

constexpr int permits = 2;

// One line, whole, whoever dies: "what who number".
void note(int fd, char what, int who, long number = 0) {
  const auto line = std::string{what} + " " + std::to_string(who) + " " + std::to_string(number) + "\n";
  [[maybe_unused]] const auto n = write(fd, line.data(), line.size());
}

struct shared_things {
  troupe::mutex m;
  troupe::semaphore s;
  troupe::queue<long> q;
};

void one_step(shared_things& t, int fd, int who, std::mt19937_64& random, long& puts) {
  switch (random() % 4) {
    case 0: {
      t.m.lock();
      note(fd, t.m.inherited() ? 'I' : 'L', who);
      note(fd, 'U', who);
      t.m.unlock();
      break;
    }
    case 1:
      t.s.acquire();
      note(fd, 'A', who);
      note(fd, 'R', who);
      t.s.release();
      break;
    case 2: {
      const long item = who * 1'000'000L + ++puts;
      note(fd, 'p', who, item);
      t.q.put(item);
      note(fd, 'P', who, item);
      break;
    }
    default:
      note(fd, 'g', who);
      if (const auto x = t.q.try_get()) note(fd, 'G', who, *x);
      else note(fd, 'e', who);
  }
}

int live(shared_things t, const std::string& path, int who, std::uint64_t seed, troupe::event end) {
  std::mt19937_64 random{seed};
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  long puts = 0;
  while (!end.is_set()) one_step(t, fd, who, random, puts);
  close(fd);
  return who;
}

struct entry {
  char what = 0;
  int who = 0;
  long number = 0;
};
std::vector<entry> read_history(const std::string& path) {
  std::ifstream in{path};
  std::vector<entry> all;
  for (entry e; in >> e.what >> e.who >> e.number;) all.push_back(e);
  return all;
}

// The sequential specification. From its 'K' on a worker may be dead: what it held may be free.
class model {
 public:
  void see(const entry& e) {
    switch (e.what) {
      case 'L':
      case 'I': lock(e); break;
      case 'U':
        if (holder_ == e.who) holder_ = 0;
        break;
      case 'A': acquire(e); break;
      case 'R': inside_.erase(e.who); break;
      case 'p': begun_.insert(e.number); break;
      case 'P': put_.insert(e.number); break;
      case 'g': getting_.insert(e.who); break;
      case 'e': getting_.erase(e.who); break;
      case 'G': get(e); break;
      case 'K': killed_.insert(e.who); break;
      default: ADD_FAILURE() << "no such entry: " << e.what;
    }
  }
  // What was put and never got: in the queue still, or in the hands of one that died.
  void end(const std::set<long>& left) {
    std::size_t lost = 0, in_hand = 0;
    for (const long x : put_) lost += got_.count(x) == 0 && left.count(x) == 0;
    for (const long x : left) EXPECT_EQ(got_.count(x), 0U) << x << " was got and is still there";
    for (const int who : getting_) in_hand += killed_.count(who);
    EXPECT_LE(lost, in_hand);
  }

 private:
  void lock(const entry& e) {
    EXPECT_TRUE(holder_ == 0 || killed_.count(holder_) != 0)
        << e.who << " holds the mutex together with " << holder_;
    EXPECT_TRUE(e.what != 'I' || !killed_.empty()) << "inherited of nobody";
    holder_ = e.who;
  }
  void acquire(const entry& e) {
    inside_.insert(e.who);
    int alive = 0;
    for (const int who : inside_) alive += killed_.count(who) == 0;
    EXPECT_LE(alive, permits);
  }
  void get(const entry& e) {
    getting_.erase(e.who);
    EXPECT_EQ(begun_.count(e.number), 1U) << e.number << " was never put";
    EXPECT_TRUE(got_.insert(e.number).second) << e.number << " was got twice";
    auto& last = last_got_[{e.who, static_cast<int>(e.number / 1'000'000)}];
    EXPECT_LT(last, e.number) << "not in the order of its producer";
    last = e.number;
  }

  int holder_ = 0;
  std::set<int> inside_, getting_, killed_;
  std::set<long> begun_, put_, got_;
  std::map<std::pair<int, int>, long> last_got_;
};

class History : public clean_test {};

TEST_F(History, UnderRandomKillsIsOneThatCouldHaveHappenedOneAfterAnother) {
  auto random = random_source();
  const auto path = file("history");
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const shared_things t{troupe::mutex{sys()}, troupe::semaphore{sys(), permits}, troupe::queue<long>{sys()}};
  troupe::event end{sys()};
  int last = 0;
  std::map<int, troupe::worker<int>> workers;
  const auto begin = [&] {
    const int who = ++last;
    workers.emplace(who, sys().spawn<live>({.name = "w" + std::to_string(who)}, t, path, who, random(), end));
  };
  const auto length = [&] { return std::filesystem::file_size(path); };
  for (int i = 0; i < 4; ++i) begin();
  for (int round = 0; round < (under_asan ? 6 : 25); ++round) {
    const auto until = length() + random() % 4000;
    ASSERT_TRUE(eventually([&] { return length() >= until; })) << "nobody gets on any more";
    const auto victim = std::next(workers.begin(), static_cast<long>(random() % workers.size()));
    note(fd, 'K', victim->first);
    victim->second.kill();
    victim->second.join();
    workers.erase(victim);
    begin();
  }
  end.set();
  for (auto& [who, w] : workers) EXPECT_EQ(w.result().get(20s), who);
  workers.clear();
  model m;
  for (const auto& e : read_history(path)) m.see(e);
  std::set<long> left;
  while (const auto x = t.q.try_get()) EXPECT_TRUE(left.insert(*x).second);
  m.end(left);
  // Whatever the dead held is free.
  troupe::mutex mutex = t.m;
  EXPECT_TRUE(mutex.try_lock_for(20s));
  mutex.unlock();
  EXPECT_EQ(t.s.available(), static_cast<std::size_t>(permits));
  close(fd);
}

}  // namespace
