// SIGINT and SIGTERM, as a count.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace troupe::cli {

/// Takes the two signals for as long as it exists, for the whole process: make it before any other
/// thread, so that they inherit its mask. A signal that the parent had set to be ignored (nohup, a
/// shell's background job) stays ignored.
/// `tell(n)` is called for the n-th signal, on a thread of its own. A third signal ends the process
/// on the spot; so does the second, if the process still exists 2 s later.
class interrupts {
 public:
  explicit interrupts(std::function<void(int)> tell);
  ~interrupts();
  interrupts(const interrupts&) = delete;
  interrupts& operator=(const interrupts&) = delete;

  int count() const noexcept { return count_.load(); }
  int signal() const noexcept { return signal_.load(); }  ///< the first of them; 0: none yet

 private:
  void watch();
  void take_one();

  std::function<void(int)> tell_;
  std::atomic<int> count_{0};
  std::atomic<int> signal_{0};
  int signals_ = -1;  // descriptors: of the signals, and of the wish to end
  int end_ = -1;
  std::thread thread_;
};

}  // namespace troupe::cli
