// What the tests of runtime/ share: fixtures that see that nothing is left behind, and waiting.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/troupe.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool under_asan = true;
#else
inline constexpr bool under_asan = false;
#endif

namespace support {

using namespace std::chrono_literals;
using troupe::duration;

/// True once it holds; false if it does not within the deadline. The only wait of the tests.
template <class Condition>
bool eventually(Condition&& holds, duration deadline = 20s) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    troupe::tasks::sleep(1ms);
  }
  return true;
}

/// Bytes of memory that this process had at most since the last reset.
std::size_t peak_memory();
void reset_peak_memory();

/// For random tests: printed, and taken from TROUPE_SEED if that is set.
std::mt19937_64 random_source();

/// All that a guest may disturb, in words, so that a difference tells itself.
using footprint = std::map<std::string, std::string>;
footprint footprint_now();

/// A directory for one test, gone with it.
class scratch {
 public:
  scratch();
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Nothing is left behind by the test: no process, descriptor, thread or file.
class clean_test : public testing::Test {
 protected:
  clean_test();
  void SetUp() override;
  void TearDown() override;

  troupe::system& sys();
  /// With another system than the usual one, which tells its events to `events`.
  troupe::system& sys(troupe::system_options options);
  troupe::pool pool(troupe::pool_options options) { return troupe::pool{sys(), std::move(options)}; }
  std::string file(const std::string& name) const { return scratch_.file(name); }
  /// How often an event of this kind was told so far.
  int events(const std::string& kind);
  void end_system() { system_.reset(); }

 private:
  scratch scratch_;
  footprint before_;
  std::mutex mutex_;
  std::vector<troupe::system_event> events_;
  std::optional<troupe::system> system_;
};

/// The same tests for each placement.
class placed_test : public clean_test, public testing::WithParamInterface<troupe::placement> {
 protected:
  troupe::placement where() const { return GetParam(); }
  bool in_process() const { return where() == troupe::placement::process; }
  using clean_test::pool;
  troupe::pool pool(std::size_t workers = 2) { return clean_test::pool({.workers = workers, .where = where()}); }
};
inline std::string placement_name(const testing::TestParamInfo<troupe::placement>& p) {
  return troupe::to_string(p.param);
}

inline const auto every_placement = testing::Values(
    troupe::placement::inline_, troupe::placement::thread, troupe::placement::process);
inline const auto real_workers =
    testing::Values(troupe::placement::thread, troupe::placement::process);

// --- what came out ---------------------------------------------------------------------------

template <class E>
bool is(const std::exception_ptr& p) {
  if (!p) return false;
  try {
    std::rethrow_exception(p);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}

inline std::string what(const std::exception_ptr& p) {
  if (!p) return "no error";
  try {
    std::rethrow_exception(p);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "not a std::exception";
  }
}

/// The exception as an E; anything else fails the test, by what it is.
template <class E>
E as(const std::exception_ptr& p) {
  if (!p) throw std::logic_error{"there was no error"};
  try {
    std::rethrow_exception(p);
  } catch (const E& e) {
    return e;
  }
}

template <class Act>
std::exception_ptr thrown_by(Act&& act) {
  try {
    act();
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

// --- tasks -----------------------------------------------------------------------------------

/// A task that waits in a worker of any placement until the test lets it go on.
struct turnstile {
  std::string path;
  int arrived() const;  ///< tasks that have come so far
  void open() const;
};
/// Waits at the turnstile, or until it is asked to stop; then gives x back.
int pass(const std::string& turnstile, int x);
/// Waits at the turnstile come what may.
int pass_deaf(const std::string& turnstile, int x);
/// Leaves a mark behind; the number of marks is how often it ran.
int mark(const std::string& path, int x);
int marks(const std::string& path);

inline int square(int x) { return x * x; }
inline int add(int a, int b) { return a + b; }
inline int odd_fails(int x) {
  if (x % 2 != 0) throw std::out_of_range{"odd " + std::to_string(x)};
  return x;
}

}  // namespace support
