// Random requests, withdrawals and ends against what must always hold. TROUPE_SEED repeats a run.
#include "tests/actors/asked_at_random.hpp"

#include "actors/barrier_state.hpp"
#include "actors/lock_state.hpp"
#include "actors/semaphore_state.hpp"

#include <algorithm>
#include <set>

namespace troupe::detail {
namespace {

class lock_model final : public model {
 public:
  explicit lock_model(std::mt19937_64&) {}
  std::unique_ptr<object_state> make() const override { return std::make_unique<lock_state>(); }

  void choose(request& r, std::mt19937_64& random) override {
    r.what = one_of({verb::acquire, verb::acquire, verb::release, verb::wait, verb::notify,
                     verb::inherited, verb::new_condition}, random);
    if (r.what == verb::new_condition && conditions_ > 2) r.what = verb::release;
    if (r.what == verb::wait || r.what == verb::notify) r.number = random() % (conditions_ + 2);
    if (r.what == verb::notify) r.number |= many_[random() % 3] << 32;
  }

  std::optional<party> prefers() const override { return holder_; }

  void asks(asked& a) override {
    const auto& r = a.what;
    const auto condition = r.number & 0xffffffff;
    may_ = holder_ == r.who;
    if (r.what == verb::wait || r.what == verb::notify)
      may_ = may_ && condition != 0 && condition <= conditions_;
    if (r.what == verb::acquire) line_.push_back(&a);
    if (!may_ || (ended && r.what != verb::release) || (r.at_once && r.what == verb::wait)) return;
    if (r.what == verb::wait) waiters_.push_back(&a);
    if (r.what == verb::wait || r.what == verb::release) free(false);
    if (r.what == verb::notify)
      for (auto n = r.number >> 32; n != 0 && notify_one(condition); --n) {
      }
  }

  void withdraws(asked& a) override {
    if (std::erase(waiters_, &a) == 0) return;
    line_.push_back(&a);
    late_.insert(&a);
  }

  void ends(const party& whom) override {
    leave(line_, whom);
    leave(waiters_, whom);
    if (holder_ && whom.covers(*holder_)) free(true);
  }

  void answered(asked& a, const reply& r) override {
    const auto what = a.what.what;
    if (r.how == outcome::closed) {
      EXPECT_TRUE(ended);
      leave(line_, a);
      return leave(waiters_, a);
    }
    EXPECT_TRUE(!ended || what == verb::release);
    if (what == verb::acquire && r.how != outcome::done) return in_vain(a, r.how);
    if (what == verb::acquire || line_.end() != std::find(line_.begin(), line_.end(), &a))
      return granted(a, r);
    if (what == verb::new_condition) ++conditions_;
    if (what == verb::new_condition || (what == verb::inherited && may_)) {
      EXPECT_EQ(r.number, what == verb::inherited ? inherited_ : conditions_);
    }
    const auto done = what == verb::wait ? outcome::would_block : outcome::done;
    EXPECT_EQ(r.how, may_ || what == verb::new_condition ? done : outcome::misused);
  }

  void check() const override { EXPECT_TRUE(holder_ || line_.empty()) << "could hold the mutex"; }
  std::size_t waiting() const override { return line_.size() + waiters_.size(); }

 private:
  void free(bool inherited) {
    holder_.reset();
    inherited_ = inherited;
  }
  bool notify_one(std::uint64_t condition) {
    const auto at = std::find_if(waiters_.begin(), waiters_.end(),
                                 [&](auto* w) { return w->what.number == condition; });
    if (at == waiters_.end()) return false;
    line_.push_back(*at);
    waiters_.erase(at);
    return true;
  }
  void granted(asked& a, const reply& r) {
    EXPECT_FALSE(holder_) << "two hold the mutex";
    ASSERT_TRUE(!line_.empty() && line_.front() == &a) << "another was first";
    line_.pop_front();
    holder_ = a.what.who;
    EXPECT_EQ(r.number, inherited_);
    EXPECT_EQ(r.how, late_.contains(&a) ? outcome::timed_out : outcome::done);
  }
  void in_vain(asked& a, outcome how) {
    EXPECT_TRUE(holder_);
    leave(line_, a);
    if (how != outcome::timed_out) {
      EXPECT_EQ(how, a.what.at_once ? outcome::would_block : outcome::deadlock);
    }
    if (how == outcome::deadlock) {
      EXPECT_EQ(holder_, a.what.who);
    }
  }

  static constexpr std::uint64_t many_[] = {1, 2, 0xffffffff};
  std::optional<party> holder_;
  bool inherited_ = false;
  bool may_ = false;
  std::uint64_t conditions_ = 0;
  line_of_asked line_, waiters_;
  std::set<const asked*> late_;
};

class semaphore_model final : public model {
 public:
  explicit semaphore_model(std::mt19937_64& random) : permits_(random() % 4), at_first_(permits_) {}
  std::unique_ptr<object_state> make() const override {
    return std::make_unique<semaphore_state>(at_first_);
  }

  void choose(request& r, std::mt19937_64& random) override {
    r.what = one_of({verb::acquire, verb::acquire, verb::acquire, verb::release, verb::size},
                    random);
    if (held_.empty() && r.what == verb::release && random() % 4 != 0) r.what = verb::acquire;
  }

  std::optional<party> prefers() const override {
    return held_.empty() ? std::nullopt : std::optional(held_.front());
  }

  void asks(asked& a) override {
    if (a.what.what == verb::acquire) line_.push_back(&a);
    if (a.what.what != verb::release || ended) return;
    auto whose = std::find(held_.begin(), held_.end(), a.what.who);
    if (whose == held_.end()) whose = held_.begin();
    if (whose != held_.end()) held_.erase(whose);
    else ++permits_;
  }

  void ends(const party& whom) override {
    leave(line_, whom);
    std::erase_if(held_, [&](const party& p) { return whom.covers(p); });
  }

  void answered(asked& a, const reply& r) override {
    EXPECT_EQ(ended, r.how == outcome::closed);
    if (a.what.what == verb::size && !ended) {
      EXPECT_EQ(r.number, permits_ - held_.size());
    }
    if (a.what.what != verb::acquire) return;
    if (r.how == outcome::done) {
      EXPECT_LT(held_.size(), permits_) << "there was no permit left";
      EXPECT_EQ(line_.front(), &a) << "another was first";
      held_.push_back(a.what.who);
    } else if (!ended) {
      EXPECT_EQ(held_.size(), permits_);
    }
    leave(line_, a);
  }

  void check() const override {
    EXPECT_TRUE(line_.empty() || held_.size() == permits_) << "could have a permit";
  }
  std::size_t waiting() const override { return line_.size(); }

 private:
  std::uint64_t permits_;
  const std::uint64_t at_first_;
  std::deque<party> held_;
  line_of_asked line_;
};

class barrier_model final : public model {
 public:
  explicit barrier_model(std::mt19937_64& random) : parties_(1 + random() % 4) {}
  std::unique_ptr<object_state> make() const override {
    return std::make_unique<barrier_state>(parties_);
  }

  void choose(request& r, std::mt19937_64& random) override {
    r.what = one_of({verb::arrive, verb::arrive, verb::arrive, verb::arrive, verb::size}, random);
    if (random() % 12 != 0) return;
    r.what = broken_ ? verb::reset : one_of({verb::abort, verb::reset}, random);
  }

  void asks(asked& a) override {
    passing_ = 0;
    breaking_ = false;
    if (a.what.what == verb::arrive) line_.push_back(&a);
    if (a.what.what == verb::arrive && line_.size() == parties_) passing_ = parties_;
    if (a.what.what == verb::abort || a.what.what == verb::reset) breaking_ = true;
    if (breaking_) broken_ = a.what.what == verb::abort;
  }
  void withdraws(asked&) override { breaking_ = broken_ = true; }
  void ends(const party& whom) override {
    const auto before = line_.size();
    leave(line_, whom);
    if (line_.size() != before) breaking_ = broken_ = true;
  }

  void answered(asked& a, const reply& r) override {
    EXPECT_EQ(ended, r.how == outcome::closed);
    if (a.what.what == verb::size && !ended) {
      EXPECT_EQ(r.number, line_.size());
    }
    if (a.what.what != verb::arrive) return;
    if (r.how == outcome::done) {
      EXPECT_FALSE(broken_);
      EXPECT_EQ(line_.front(), &a);
      EXPECT_EQ(r.number, parties_ - passing_--) << "not all had arrived";
    } else if (r.how == outcome::would_block) {
      EXPECT_TRUE(!broken_ && line_.size() < parties_);
    } else if (r.how == outcome::broken) {
      EXPECT_TRUE(broken_ || breaking_);
    }
    leave(line_, a);
  }

  void check() const override {
    EXPECT_LT(line_.size(), parties_) << "all have arrived";
    EXPECT_TRUE(!broken_ || line_.empty()) << "wait in vain";
  }
  std::size_t waiting() const override { return line_.size(); }

 private:
  const std::size_t parties_;
  std::size_t passing_ = 0;
  bool broken_ = false;
  bool breaking_ = false;
  line_of_asked line_;
};

TEST(LockRandomly, OneHoldsItAtATimeAndNobodyWaitsForAFreeOne) { run_at_random<lock_model>(); }
TEST(SemaphoreRandomly, KeepsItsPermits) { run_at_random<semaphore_model>(); }
TEST(BarrierRandomly, LetsAllGoOrBreaks) { run_at_random<barrier_model>(); }

}  // namespace
}  // namespace troupe::detail
