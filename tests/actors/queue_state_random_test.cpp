// Random requests, withdrawals and ends against what must always hold. TROUPE_SEED repeats a run.
#include "tests/actors/asked_at_random.hpp"

#include "actors/queue_state.hpp"

#include <cstring>
#include <span>

namespace troupe::detail {
namespace {

class queue_model final : public model {
 public:
  explicit queue_model(std::mt19937_64& random)
      : rules_{.capacity = random() % 4, .redeliver = random() % 2 == 0},
        closes_(random() % 2 == 0) {}
  std::unique_ptr<object_state> make() const override {
    return std::make_unique<queue_state>(rules_);
  }

  void choose(request& r, std::mt19937_64& random) override {
    r.what = one_of({verb::put, verb::put, verb::put, verb::get, verb::get, verb::get, verb::peek,
                     verb::task_done, verb::task_done, verb::join, verb::size}, random);
    if (closes_ && random() % 60 == 0) r.what = verb::close;
    if (r.what != verb::put) return;
    r.number = items_;  // told apart by what is in them
    r.payload.append(std::as_bytes(std::span{&items_, 1}));
    r.keep.push_back(keeper_);
    ++items_;
  }

  std::optional<party> prefers() const override {
    return hands_.empty() ? std::nullopt : std::optional(hands_.begin()->first);
  }

  void asks(asked& a) override {
    swept_ = false;
    const auto what = a.what.what;
    if (what == verb::close) closed_ = true;
    if (what == verb::task_done) may_ = finish_one(a.what.who);
    if (auto* line = line_of(what)) line->push_back(&a);
  }

  void withdraws(asked&) override { swept_ = false; }

  void ends(const party& whom) override {
    swept_ = false;
    for (auto* line : {&getters_, &putters_, &peekers_, &joiners_}) leave(*line, whom);
    for (auto at = hands_.begin(); at != hands_.end();) {
      if (!whom.covers(at->first)) {
        ++at;
        continue;
      }
      if (rules_.redeliver) stored_.insert(at->second.begin(), at->second.end());
      at = hands_.erase(at);
    }
  }

  void owner_ends() override {
    ended = closed_ = true;
    stored_.clear();
    hands_.clear();
  }

  void answered(asked& a, const reply& r) override {
    switch (a.what.what) {
      case verb::put: put(a, r.how); break;
      case verb::get: get(a, r); break;
      case verb::peek: peek(r.how); break;
      case verb::join:
        if (r.how == outcome::done) {
          EXPECT_EQ(unfinished(), 0U);
        }
        if (r.how == outcome::closed) {
          EXPECT_TRUE(ended);
        }
        break;
      case verb::task_done: EXPECT_EQ(r.how, may_ ? outcome::done : outcome::misused); break;
      case verb::size: EXPECT_EQ(r.number, stored_.size()); break;
      default: EXPECT_EQ(r.how, outcome::done);
    }
    if (auto* line = line_of(a.what.what)) leave(*line, a);
  }

  void check() const override {
    EXPECT_TRUE(getters_.empty() || !(stored_.size() != 0 || over())) << "could get";
    EXPECT_TRUE(putters_.empty() || (full() && !closed_)) << "could put";
    EXPECT_TRUE(peekers_.empty() || (stored_.empty() && !closed_)) << "could see an item";
    EXPECT_TRUE(joiners_.empty() || unfinished() != 0) << "wait for nothing";
  }
  std::size_t waiting() const override {
    return getters_.size() + putters_.size() + peekers_.size() + joiners_.size();
  }

 private:
  using numbered = std::map<std::uint64_t, std::uint64_t>;  // the items, in the order of the puts

  line_of_asked* line_of(verb what) {
    return what == verb::get    ? &getters_
           : what == verb::put  ? &putters_
           : what == verb::peek ? &peekers_
           : what == verb::join ? &joiners_
                                : nullptr;
  }
  bool full() const { return rules_.capacity != 0 && stored_.size() >= rules_.capacity; }
  std::size_t unfinished() const {
    auto n = stored_.size();
    for (const auto& [who, hand] : hands_) n += hand.size();
    return n;
  }
  // Nothing comes any more but from consumers that wait, too.
  bool over() const {
    return closed_ && stored_.empty() &&
           (!rules_.redeliver || std::all_of(hands_.begin(), hands_.end(), [&](const auto& h) {
             return std::any_of(getters_.begin(), getters_.end(),
                                [&](const asked* g) { return g->what.who == h.first; });
           }));
  }
  bool finish_one(const party& who) {
    auto whose = hands_.find(who);
    if (whose == hands_.end() && !rules_.redeliver) whose = hands_.begin();
    if (whose == hands_.end()) return false;
    whose->second.pop_front();
    if (whose->second.empty()) hands_.erase(whose);
    return true;
  }

  void put(asked& a, outcome how) {
    if (how == outcome::closed) {
      EXPECT_TRUE(closed_);
    }
    if (how == outcome::would_block) {
      EXPECT_TRUE(full());
    }
    if (how != outcome::done) return;
    EXPECT_FALSE(closed_ || full()) << "took too much";
    EXPECT_EQ(putters_.front(), &a) << "another was first";
    stored_.emplace(++puts_, a.what.number);
  }

  void get(asked& a, const reply& r) {
    if (r.how == outcome::would_block) {
      EXPECT_TRUE(stored_.empty() && !over());
    }
    if (r.how == outcome::closed && !swept_) {
      EXPECT_TRUE(over()) << "an item might have come";
    }
    swept_ = r.how == outcome::closed;  // all of them at once: the first tells
    if (r.how != outcome::done) return;
    EXPECT_EQ(getters_.front(), &a) << "another was first";
    ASSERT_FALSE(stored_.empty()) << "an item from nowhere";
    std::uint64_t item = 0;
    ASSERT_EQ(r.payload.size(), sizeof item);
    std::memcpy(&item, r.payload.data(), sizeof item);
    const auto first = stored_.begin();
    EXPECT_EQ(item, first->second) << "lost, doubled or out of order";
    EXPECT_EQ(r.keep, keepers{keeper_});
    hands_[a.what.who].push_back(*first);
    stored_.erase(first);
  }

  void peek(outcome how) {
    if (how == outcome::done) {
      EXPECT_FALSE(stored_.empty());
    }
    if (how == outcome::closed) {
      EXPECT_TRUE(closed_ && stored_.empty());
    }
    if (how == outcome::would_block) {
      EXPECT_TRUE(stored_.empty());
    }
  }

  const queue_rules rules_;
  const bool closes_;
  // Only told apart by its address; nobody looks into it.
  std::shared_ptr<int> something_ = std::make_shared<int>();
  std::shared_ptr<reference> keeper_{something_, reinterpret_cast<reference*>(something_.get())};
  std::uint64_t items_ = 0, puts_ = 0;
  numbered stored_;
  std::map<party, std::deque<numbered::value_type>> hands_;  // in the order of the gets
  line_of_asked getters_, putters_, peekers_, joiners_;
  bool closed_ = false, may_ = false, swept_ = false;
};

TEST(QueueRandomly, LosesAndDoublesNothingAndNobodyWaitsWhoCouldGoOn) {
  run_at_random<queue_model>();
}

}  // namespace
}  // namespace troupe::detail
