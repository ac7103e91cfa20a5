#include "runtime/worker_process.hpp"

#include <csignal>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <sys/resource.h>
#include <typeinfo>

namespace troupe::detail {

namespace {

last_words* words_of_this_process = nullptr;
std::terminate_handler previous_terminate = nullptr;
std::uintptr_t stack_end = 0;  // the lowest address that the main thread's stack may reach
alignas(16) char signal_stack[64 * 1024];

bool near_stack_end(const void* address) noexcept {
  const auto a = reinterpret_cast<std::uintptr_t>(address);
  constexpr std::uintptr_t slack = 2 << 20;
  return stack_end != 0 && a > stack_end - slack && a < stack_end + slack;
}

// Says why, and lets the signal do what it does: only calls that a signal handler may make.
void on_crash(int signal, siginfo_t* info, void*) {
  const bool overflow =
      (signal == SIGSEGV || signal == SIGBUS) && info->si_code > 0 && near_stack_end(info->si_addr);
  say_last_words(*words_of_this_process, overflow ? last_words::stack_overflow : last_words::crash,
                 "");
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
  raise(signal);
}

[[noreturn]] void on_terminate() {
  const char* text = "terminate called without an active exception";
  char line[1000];
  if (const auto* type = abi::__cxa_current_exception_type(); type != nullptr) {
    const char* what = "";
    try {
      throw;
    } catch (const std::exception& e) {
      what = e.what() != nullptr ? e.what() : "";
    } catch (...) {
    }
    int status = 0;
    char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    std::snprintf(line, sizeof line, "terminate called after throwing %s: %s",
                  status == 0 ? name : type->name(), what);
    text = line;
  }
  say_last_words(*words_of_this_process, last_words::terminate, text);
  if (previous_terminate != nullptr) previous_terminate();
  std::abort();
}

}  // namespace

void say_last_words(last_words& words, last_words::cause why, const char* text) noexcept {
  std::uint32_t expected = last_words::nothing;
  if (!words.why.compare_exchange_strong(expected, why)) return;  // the first word is the cause
  std::uint32_t n = 0;
  while (n < sizeof words.text && text[n] != '\0') {
    words.text[n] = text[n];
    ++n;
  }
  words.length.store(n, std::memory_order_release);
}

void record_last_words(last_words& words) {
  words_of_this_process = &words;
  previous_terminate = std::set_terminate(on_terminate);
  rlimit stack{};
  int here = 0;
  if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
    stack_end = reinterpret_cast<std::uintptr_t>(&here) - stack.rlim_cur;
  const stack_t alternative{.ss_sp = signal_stack, .ss_flags = 0, .ss_size = sizeof signal_stack};
  sigaltstack(&alternative, nullptr);
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_DFL) continue;  // a sanitizer's, or the program's own
    struct sigaction ours {};
    ours.sa_sigaction = on_crash;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(signal, &ours, nullptr);
  }
}

}  // namespace troupe::detail
