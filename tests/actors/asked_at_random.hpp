// An object that threads of several processes ask at random; some lose patience, some end. What
// holds for every object is checked here, what holds for its kind by a model.
#pragma once

#include "actors/object_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <memory>
#include <random>
#include <string>

namespace troupe::detail {

struct asked {
  request what;
  bool withdrawn = false;
  bool gone = false;
  std::optional<outcome> how;
};

/// By chance one of these; one that is named twice is chosen twice as often.
inline verb one_of(std::initializer_list<verb> verbs, std::mt19937_64& random) {
  return verbs.begin()[random() % verbs.size()];
}

using line_of_asked = std::deque<asked*>;

inline void leave(line_of_asked& line, const asked& a) { std::erase(line, &a); }
inline void leave(line_of_asked& line, const party& whom) {
  std::erase_if(line, [&](const asked* a) { return whom.covers(a->what.who); });
}

/// Follows what happens, then the answers to it in their order; then all must be well.
class model {
 public:
  virtual ~model() = default;
  virtual std::unique_ptr<object_state> make() const = 0;
  virtual void choose(request& r, std::mt19937_64& random) = 0;
  /// Whom all may be waiting for.
  virtual std::optional<party> prefers() const { return std::nullopt; }
  virtual void asks(asked& a) = 0;
  virtual void withdraws(asked&) {}
  virtual void ends(const party& whom) = 0;
  virtual void owner_ends() { ended = true; }
  virtual void answered(asked& a, const reply& r) = 0;
  /// Nobody waits who could go on.
  virtual void check() const = 0;
  virtual std::size_t waiting() const = 0;

  bool ended = false;
};

class at_random {
 public:
  at_random(std::uint64_t seed, model& m) : random_(seed), model_(m), object_(m.make()) {
    for (std::uint64_t link = 0; link < 3; ++link)
      for (int i = 0; i < 2; ++i) threads_.push_back({link, ++numbers_});
    one_at_a_time_ = pick(2) == 0;
    deaths_ = pick(3);
  }

  void run() {
    for (int i = 0; i < 400 && !::testing::Test::HasFailure(); ++i) step();
    model_.owner_ends();
    with([&](replies& out) { object_->end(out); });
    for (const auto& a : all_) EXPECT_TRUE(a.how || a.gone) << "never answered";
    for (int i = 0; i < 20; ++i) ask(threads_[pick(threads_.size())]);
    EXPECT_EQ(model_.waiting(), 0U);
  }

 private:
  struct nobody_hears final : answer_sink {
    void answered(reply&&) noexcept override {}
  };

  std::size_t pick(std::size_t n) { return random_() % n; }

  void step() {
    const auto what = pick(20);
    if (what < 15) return ask(threads_[pick(threads_.size())]);
    if (what < 18 && !all_.empty())
      return withdraw(all_[all_.size() - 1 - pick(std::min<std::size_t>(all_.size(), 20))]);
    if (what < 18 + deaths_ && pick(4) == 0) end_of(threads_[pick(threads_.size())]);
  }

  void ask(party who) {
    if (one_at_a_time_ && waits(who)) return;
    if (const auto holder = model_.prefers(); holder && pick(4) == 0) who = *holder;
    auto& sink = sinks_[who.link];
    if (!sink) sink = std::make_shared<nobody_hears>();
    auto& a = all_.emplace_back();
    a.what.from = sink;
    a.what.id = ++ids_[who.link];  // those of several processes are the same
    a.what.who = who;
    a.what.at_once = pick(5) == 0;
    model_.choose(a.what, random_);
    by_id_[{sink.get(), a.what.id}] = &a;
    model_.asks(a);
    auto r = copy(a.what);
    with([&](replies& out) { object_->ask(std::move(r), out); });
    if (a.what.at_once) {
      EXPECT_TRUE(a.how) << "waits though asked at once";
    }
  }

  void withdraw(asked& a) {
    if (a.gone) return;
    if (!a.how) {
      a.withdrawn = true;
      model_.withdraws(a);
    }
    with([&](replies& out) { object_->withdraw(*a.what.from, a.what.id, out); });
  }

  // Of a thread, or of its process and so of all of its threads.
  void end_of(party whom) {
    if (whom.link != 0 && pick(2) == 0) whom.thread = 0;
    for (auto& a : all_)
      if (!a.how && whom.covers(a.what.who)) a.gone = true;
    model_.ends(whom);
    with([&](replies& out) { object_->gone(whom, out); });
    const auto link = whom.thread != 0 ? whom.link : ++numbers_;
    for (auto& t : threads_)
      if (whom.covers(t)) t = {link, ++numbers_};
  }

  void with(auto&& event) {
    replies out;
    event(out);
    for (const auto& r : out) heard(r);
    model_.check();
    std::size_t waiting = 0;
    for (const auto& a : all_) waiting += !a.how && !a.gone ? 1 : 0;
    EXPECT_EQ(waiting, model_.waiting());
  }

  void heard(const reply& r) {
    const auto at = by_id_.find({r.to.get(), r.id});
    ASSERT_TRUE(at != by_id_.end()) << "never asked";
    auto& a = *at->second;
    ASSERT_FALSE(a.how) << "answered twice";
    ASSERT_FALSE(a.gone) << "answered though it has ended";
    a.how = r.how;
    if (r.how == outcome::timed_out) {
      EXPECT_TRUE(a.withdrawn);
    }
    if (r.how == outcome::would_block) {
      EXPECT_TRUE(a.what.at_once);
    }
    model_.answered(a, r);
  }

  bool waits(const party& who) const {
    for (const auto& a : all_)
      if (!a.how && a.what.who == who) return true;
    return false;
  }

  static request copy(const request& r) {
    request c{r.from, r.id, r.who, r.what, r.at_once, r.number, {}, r.keep};
    c.payload.append(r.payload.view());
    return c;
  }

  std::mt19937_64 random_;
  model& model_;
  std::unique_ptr<object_state> object_;
  std::vector<party> threads_;
  std::uint64_t numbers_ = 2;
  bool one_at_a_time_ = false;
  std::size_t deaths_ = 0;
  std::map<std::uint64_t, std::shared_ptr<answer_sink>> sinks_;
  std::map<std::uint64_t, std::uint64_t> ids_;
  std::map<std::pair<const answer_sink*, std::uint64_t>, asked*> by_id_;
  std::deque<asked> all_;
};

template <class Model>
void run_at_random() {
  const char* given = std::getenv("TROUPE_SEED");
  const std::uint64_t first =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  const std::uint64_t rounds = given != nullptr ? 1 : 100;
  for (std::uint64_t i = 0; i < rounds && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("TROUPE_SEED=" + std::to_string(first + i));
    std::mt19937_64 random{first + i};
    Model m{random};
    at_random{first + i, m}.run();
  }
}

}  // namespace troupe::detail
