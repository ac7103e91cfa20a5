#include "runtime/run_slice.hpp"

#include <ctime>

namespace troupe::detail {

namespace {

std::int64_t clock_ns(clockid_t clock) noexcept {
  timespec t{};
  clock_gettime(clock, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

constexpr std::int64_t short_task = 20'000;
constexpr std::int64_t assumed_at_most = 1'000'000;

void run_unknown(batch& b) {
  while (b.next()) {
    try {
      throw unknown_function{
          "the worker's program does not have the function that was called: it must be linked "
          "from the same objects as the host (system_options.worker_executable)"};
    } catch (...) {
      b.fail();
    }
  }
}

}  // namespace

std::int64_t steady_ns() noexcept { return clock_ns(CLOCK_MONOTONIC); }

void task_clock::start() noexcept {
  if (cpu_seen_ < 0) cpu_seen_ = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  started_ = steady_ns();
}

void task_clock::stop(answer& a) noexcept {
  a.now = steady_ns();
  a.ran = a.now - started_;
  if (a.ran < short_task && assumed_ < assumed_at_most) {
    a.cpu = a.ran;
    assumed_ += a.ran;
    return;
  }
  const auto cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
  a.cpu = std::clamp<std::int64_t>(cpu - cpu_seen_ - assumed_, 0, a.ran);
  cpu_seen_ = cpu;
  assumed_ = 0;
}

bool run_slice(const callable_entry* call, slice_cursor& cursor, std::span<const std::byte> args,
               sink& out, answer& a) {
  reader from{args};
  writer to{out};
  batch b{cursor, from, to};
  if (call != nullptr) reinterpret_cast<run_batch>(call->target)(b);
  else run_unknown(b);
  a.items = b.items();
  a.first_error = b.first_error();
  a.errors = b.errors();
  return !b.out_of_memory();
}

}  // namespace troupe::detail
