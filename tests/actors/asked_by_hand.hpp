// An object that is asked by hand. Each answer is noted as "id how [payload] [number]".
#pragma once

#include "actors/object_state.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe::detail {

struct nobody_hears final : answer_sink {
  void answered(reply&&) noexcept override {}
};

struct details {
  std::string payload = {};
  std::uint64_t number = 0;
  bool at_once = false;
};

class asked_by_hand : public ::testing::Test {
 protected:
  template <class State, class... Args>
  void make(Args&&... args) {
    object_ = std::make_unique<State>(std::forward<Args>(args)...);
  }
  void ask(std::uint64_t id, verb what, party who, details d = {}) {
    request r;
    r.from = sink_;
    r.id = id;
    r.who = who;
    r.what = what;
    r.at_once = d.at_once;
    r.number = d.number;
    r.payload.append(std::as_bytes(std::span{d.payload}));
    note([&](replies& out) { object_->ask(std::move(r), out); });
  }
  void withdraw(std::uint64_t id) {
    note([&](replies& out) { object_->withdraw(*sink_, id, out); });
  }
  void gone(party whom) {
    note([&](replies& out) { object_->gone(whom, out); });
  }
  void end() {
    note([&](replies& out) { object_->end(out); });
  }
  std::vector<std::string> heard() { return std::exchange(notes_, {}); }

  static constexpr party a{0, 1}, b{0, 2}, c{7, 1}, d{7, 2};

 private:
  void note(auto&& event) {
    static constexpr const char* names[] = {"done",    "would_block", "timed_out", "closed",
                                            "misused", "deadlock",    "broken",    "not_known"};
    replies out;
    event(out);
    for (auto& r : out) {
      auto line = std::to_string(r.id) + " " + names[static_cast<int>(r.how)];
      const auto bytes = r.payload.view();
      if (!bytes.empty())
        line += " " + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      if (r.number != 0) line += " " + std::to_string(r.number);
      notes_.push_back(line);
    }
  }

  std::unique_ptr<object_state> object_;
  std::shared_ptr<nobody_hears> sink_ = std::make_shared<nobody_hears>();
  std::vector<std::string> notes_;
};

}  // namespace troupe::detail
