// A worker that exists only in the test: it holds what the pool gave it, and does what it is told.
#pragma once

#include "actors/pool_state.hpp"

#include <map>
#include <memory>

namespace troupe::detail {

inline void nothing(batch&) {}
inline callable_entry test_call{"test", "test", reinterpret_cast<void (*)()>(&nothing)};

struct fake_owner final : job_owner {
  std::shared_ptr<job_owner> keep() noexcept override { return nullptr; }
  job_phase phase_of(job&) override { return job_phase::pending; }
  bool cancel(job&, bool) override { return false; }
  void help(job&) override {}
  double progress_of(job&) override { return 0; }
  void call_back(std::function<void()>) override {}
};
inline fake_owner nobody;

inline job_ptr make_job(std::uint32_t items = 1) {
  auto j = job_ptr::adopt(new job{&nobody});
  j->call = &test_call;
  j->items = items;
  if (items > 1)
    for (std::uint32_t i = 0; i < items; ++i) j->offsets.push_back(i * 4);
  j->args.resize(items * 4);
  return j;
}

/// A mailbox with its own cursors.
struct fake_box final : mailbox {
  std::map<std::uint64_t, std::pair<slice, std::unique_ptr<slice_cursor>>> slices;
  std::size_t pushes = 0;

  bool push(slice& s) override {
    auto c = std::make_unique<slice_cursor>();
    c->reset(s.count);
    s.cursor = c.get();
    ++pushes;
    slices[s.id] = {s, std::move(c)};
    return true;
  }
  void wake() noexcept override {}

  bool empty() const { return slices.empty(); }
  slice& front() { return slices.begin()->second.first; }
  slice_cursor& cursor() { return *slices.begin()->second.second; }
  void pop() { slices.erase(slices.begin()); }
};

}  // namespace troupe::detail
