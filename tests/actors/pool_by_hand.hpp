// A pool of fake workers that are driven by hand.
#pragma once

#include "tests/actors/fake_worker.hpp"

#include <gtest/gtest.h>

namespace troupe::detail {

class pool_by_hand : public ::testing::Test {
 protected:
  void make(pool_rules rules) {
    state = std::make_unique<pool_state>(rules);
    boxes.clear();
    for (std::size_t i = 0; i < rules.seats; ++i) arrive(i);
  }
  void arrive(std::size_t seat) {
    if (boxes.size() <= seat) boxes.resize(seat + 1);
    boxes[seat] = std::make_shared<fake_box>();
    ++workers;
    state->ready(seat, workers, "w-" + std::to_string(workers), 100 + static_cast<int>(workers),
                 boxes[seat], fx);
  }
  job_ptr submit(job_ptr j) {
    state->submit(j, fx);
    return j;
  }
  // Starts the next item of the oldest slice.
  bool begin(std::size_t seat) { return boxes[seat]->cursor().start_next(); }
  // Runs the oldest slice to its end and answers.
  bool run(std::size_t seat, std::int64_t ran = 1000, std::uint32_t first_error = batch::no_error) {
    auto& box = *boxes[seat];
    while (box.cursor().start_next()) {
    }
    answer a{.id = box.front().id, .items = box.cursor().started(), .ran = ran, .now = now += ran};
    if (first_error != batch::no_error) {
      a.first_error = first_error;
      a.errors = 1;
    }
    box.pop();
    return state->result(seat, a, buffer{}, fx);
  }
  end_of_worker death() {
    end_of_worker e;
    e.facts.worker = "w";
    e.facts.status.signal = 9;
    return e;
  }
  void die(std::size_t seat, end_of_worker e) {
    state->ended(seat, state->seats()[seat].worker, std::move(e), fx);
  }
  template <class E>
  static bool holds(const std::exception_ptr& p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const E&) {
      return true;
    } catch (...) {
    }
    return false;
  }
  bool over(const job_ptr& j) const { return j->unsettled == 0; }

  std::unique_ptr<pool_state> state;
  std::vector<std::shared_ptr<fake_box>> boxes;
  effects fx;
  std::uint64_t workers = 0;
  std::int64_t now = 1;
};

}  // namespace troupe::detail
