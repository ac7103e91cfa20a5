// Random events against what must always hold. TROUPE_SEED repeats a run.
#include "tests/actors/fake_worker.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>

namespace troupe::detail {
namespace {

struct world {
  explicit world(std::uint64_t seed, bool prefetch)
      : random(seed), rules{.seats = 1 + pick(4), .max_tasks_per_worker = pick(3) == 0 ? 1 + pick(5) : 0,
                            .on_loss = pick(2) == 0 ? loss_rule::retry_task : loss_rule::fail_task,
                            .max_retries = 2, .prefetch = prefetch},
        state(rules) {
    for (std::size_t i = 0; i < rules.seats; ++i) arrive(i);
  }

  std::size_t pick(std::size_t n) { return random() % n; }

  void with(auto&& event) {
    effects fx;
    event(fx);
    fx.completed.each([&](job_ptr& j) {
      EXPECT_TRUE(completed.insert(j.get()).second) << "completed twice";
      EXPECT_EQ(j->unsettled, 0U);
      check_outcome(*j);
    });
    fx.retire.each([&](std::uint64_t id) { to_end.insert(id); });
    fx.kill.each([&](std::uint64_t id) { to_end.insert(id); });
    drained = drained || fx.drained;
    check_that_none_waits_behind_another();
  }

  // While a worker is idle, no other has anything ahead of what it runs: but what has a key.
  void check_that_none_waits_behind_another() const {
    bool idle = false;
    for (const auto& s : state.seats()) idle = idle || s.idle;
    if (!idle) return;
    for (const auto& s : state.seats()) {
      bool in_hand = false;
      for (const auto& part : s.in_flight) {
        const auto begun = part.cursor == nullptr ? 0 : part.cursor->started();
        const auto own = std::max({part.done, begun, in_hand ? 0U : part.done + 1});
        if (part.what->key == 0 && !part.doomed) {
          EXPECT_LE(part.count, own);
        }
        in_hand = in_hand || part.count != part.done;
      }
    }
  }

  // Every item has exactly one outcome.
  static void check_outcome(const job& j) {
    if (j.items == 1) return;
    std::uint32_t next = 0;
    for (const auto& s : j.segments) {
      EXPECT_EQ(s.first, next);
      next = s.first + s.count;
    }
    EXPECT_EQ(next, j.items);
  }

  void arrive(std::size_t seat) {
    if (boxes.size() <= seat) boxes.resize(seat + 1);
    boxes[seat] = std::make_shared<fake_box>();
    with([&](effects& fx) { state.ready(seat, ++ids, "w", 1, boxes[seat], fx); });
  }
  void leave(std::size_t seat, bool expected) {
    const auto id = state.seats()[seat].worker;
    if (id == 0) return;
    to_end.erase(id);
    end_of_worker e;
    e.expected = expected;
    // A worker runs one item at a time: what it began before that it has finished.
    if (const auto& box = boxes[seat]; !box->empty() && box->cursor().started() > 1)
      e.recovered_items = box->cursor().started() - 1;
    const auto keep = std::exchange(boxes[seat], nullptr);
    with([&](effects& fx) { state.ended(seat, id, std::move(e), fx); });
  }
  void step_worker(std::size_t seat, bool finish) {
    auto& box = boxes[seat];
    if (!box || box->empty()) return;
    auto& c = box->cursor();
    auto& s = box->front();
    const auto count_start = [&] {
      if (!c.start_next()) return false;
      const auto item = std::pair{s.what.get(), s.first + c.started() - 1};
      ++started[item];
      return true;
    };
    if (!finish) {
      count_start();
      return;
    }
    while (count_start()) {
    }
    const answer a{.id = s.id, .items = c.started(), .errors = 0, .ran = std::int64_t(1 + pick(2000)),
                   .now = now += 1000};
    const auto id = state.seats()[seat].worker;
    box->pop();
    with([&](effects& fx) { EXPECT_TRUE(state.result(seat, a, buffer{}, fx)); });
    if (to_end.contains(id)) leave(seat, true);
  }
  void step() {
    const auto seat = pick(boxes.size());
    switch (pick(14)) {
      case 0: case 1: case 2: submit(1); break;
      case 3: submit(2 + static_cast<std::uint32_t>(pick(50))); break;
      case 4: case 5: step_worker(seat, false); break;
      case 6: case 7: case 8: case 9: step_worker(seat, true); break;
      case 10: if (pick(4) == 0) leave(seat, false); break;
      case 11: if (!jobs.empty() && pick(3) == 0) cancel(jobs[pick(jobs.size())], pick(3) == 0); break;
      case 12: if (pick(10) == 0) resize(1 + pick(5)); break;
      case 13: revive(); break;
    }
  }
  void submit(std::uint32_t items) {
    if (!state.open()) return;
    auto j = make_job(items);
    if (items == 1 && pick(5) == 0) j->key = 1 + pick(3);
    jobs.push_back(j);
    with([&](effects& fx) { state.submit(j, fx); });
  }
  void cancel(const job_ptr& j, bool kill) {
    with([&](effects& fx) { state.cancel(*j, kill, fx); });
    for (const auto id : std::set<std::uint64_t>{to_end})
      for (std::size_t s = 0; s < state.seats().size(); ++s)
        if (state.seats()[s].worker == id) leave(s, true);
  }
  void resize(std::size_t n) {
    with([&](effects& fx) { state.resize(n, fx); });
    for (const auto id : std::set<std::uint64_t>{to_end})
      for (std::size_t s = 0; s < state.seats().size(); ++s)
        if (state.seats()[s].worker == id) leave(s, true);
  }
  void revive() {
    for (std::size_t s = 0; s < state.target(); ++s)
      if (state.seats()[s].worker == 0) arrive(s);
  }
  void drain() {
    with([&](effects& fx) { state.close(fx); });
    for (int i = 0; i < 100'000 && !state.idle(); ++i) {
      revive();
      for (std::size_t s = 0; s < boxes.size(); ++s) step_worker(s, true);
      for (const auto id : std::set<std::uint64_t>{to_end})
        for (std::size_t s = 0; s < state.seats().size(); ++s)
          if (state.seats()[s].worker == id) leave(s, true);
    }
  }

  std::mt19937_64 random;
  pool_rules rules;
  pool_state state;
  std::vector<std::shared_ptr<fake_box>> boxes;
  std::vector<job_ptr> jobs;
  std::set<job*> completed;
  std::set<std::uint64_t> to_end;
  std::map<std::pair<job*, std::uint32_t>, int> started;
  std::uint64_t ids = 0;
  std::int64_t now = 1;
  bool drained = false;
};

class PoolStateRandomly : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Prefetch, PoolStateRandomly, ::testing::Bool());

TEST_P(PoolStateRandomly, EveryJobEndsOnceAndNoItemStartsTwice) {
  const char* given = std::getenv("TROUPE_SEED");
  const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10)
                                               : std::random_device{}();
  const int rounds = given != nullptr ? 1 : 300;
  for (int i = 0; i < rounds && !HasFailure(); ++i) {
    const auto seed = first + static_cast<std::uint64_t>(i);
    SCOPED_TRACE("TROUPE_SEED=" + std::to_string(seed));
    world w{seed, GetParam()};
    for (int k = 0; k < 600; ++k) w.step();
    w.drain();
    EXPECT_TRUE(w.state.idle()) << w.state.counts().pending << " tasks never ended";
    EXPECT_TRUE(w.drained);
    EXPECT_EQ(w.completed.size(), w.jobs.size());
    const int most = w.rules.on_loss == loss_rule::retry_task ? 3 : 1;
    for (const auto& [item, n] : w.started) EXPECT_LE(n, most);
    EXPECT_EQ(w.state.counts().pending, 0U);
  }
}

}  // namespace
}  // namespace troupe::detail
