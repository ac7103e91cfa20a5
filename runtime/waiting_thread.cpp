#include "runtime/waiting_thread.hpp"

#include "runtime/worker_context.hpp"

#include <troupe/error.hpp>

#include <array>
#include <optional>

namespace troupe::detail {

namespace {

struct numbered_thread {
  const std::uint64_t number = [] {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }();
  std::array<void (*)(std::uint64_t) noexcept, 2> at_end{};

  ~numbered_thread() {
    for (const auto tell : at_end)
      if (tell != nullptr) tell(number);
  }
};

}  // namespace

std::uint64_t thread_number(void (*at_end)(std::uint64_t) noexcept) {
  static thread_local numbered_thread me;
  for (auto& tell : me.at_end) {
    if (tell == at_end) break;
    if (tell == nullptr) {
      tell = at_end;
      break;
    }
  }
  return me.number;
}

waiting_thread& waiting_thread::here() {
  static thread_local const auto mine = std::make_shared<waiting_thread>();
  return *mine;
}

std::uint64_t waiting_thread::begin() noexcept {
  word_.store(0, std::memory_order_relaxed);
  return ++id_;
}

void waiting_thread::set(std::uint32_t what) noexcept {
  if ((word_.fetch_or(what, std::memory_order_acq_rel) & asleep) != 0) unpark_one(word_);
}

void waiting_thread::answered(reply&& r) noexcept {
  answer_ = std::move(r);
  answer_.to.reset();  // ourselves
  set(is_answered);
}

reply waiting_thread::take() { return std::move(answer_); }

reply waiting_thread::wait(steady_time until, const std::function<void()>& withdraw) {
  if ((word_.load(std::memory_order_acquire) & is_answered) != 0) return take();
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  if (current_worker != nullptr)
    on_stop.emplace(current_worker->stop_token(), [this] { set(stopping); });
  bool withdrawn = false;
  for (;;) {
    const auto w = word_.fetch_or(asleep, std::memory_order_acq_rel) | asleep;
    if ((w & is_answered) != 0) break;
    if (!withdrawn && ((w & stopping) != 0 || std::chrono::steady_clock::now() >= until)) {
      withdrawn = true;
      withdraw();
      continue;
    }
    park(word_, w, withdrawn ? never : until);
  }
  const bool stopped = (word_.load(std::memory_order_relaxed) & stopping) != 0;
  auto r = take();
  if (r.how == outcome::timed_out && stopped)
    throw cancelled_error{"the task was asked to stop while it waited"};
  return r;
}

}  // namespace troupe::detail
