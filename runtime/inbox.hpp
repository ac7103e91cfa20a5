// Jobs on their way into a pool.
#pragma once

#include <troupe/detail/job.hpp>

namespace troupe::detail {

/// What was submitted and not yet taken in: submitters leave their jobs here without a lock, and
/// whoever holds the pool's mutex next takes them in, oldest first. So a thread that submits many
/// does not stand in line with the one that hands out their results.
class inbox {
 public:
  inbox() = default;
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox() {
    take([](job_ptr) {});
  }

  void push(job_ptr j) noexcept {
    auto* const mine = j.leak();
    mine->next = newest_.load(std::memory_order_relaxed);
    while (!newest_.compare_exchange_weak(mine->next, mine, std::memory_order_release,
                                          std::memory_order_relaxed)) {
    }
  }
  bool empty() const noexcept { return newest_.load(std::memory_order_relaxed) == nullptr; }
  /// One thread at a time.
  template <class Fn>
  void take(Fn&& each) {
    if (empty()) return;
    job* oldest = nullptr;
    for (auto* j = newest_.exchange(nullptr, std::memory_order_acquire); j != nullptr;) {
      auto* const older = j->next;
      j->next = oldest;
      oldest = j;
      j = older;
    }
    while (oldest != nullptr) {
      auto* const j = oldest;
      oldest = j->next;
      each(job_ptr::adopt(j));
    }
  }

 private:
  std::atomic<job*> newest_{nullptr};
};

}  // namespace troupe::detail
