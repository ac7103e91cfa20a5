#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace troupe::detail {

class reference;

/// What handles inside encoded bytes refer to: as long as the bytes exist, so must they.
using keepers = std::vector<std::shared_ptr<reference>>;

/// While it lives, what the handles refer to that this thread encodes is noted in a list. Of
/// several the innermost counts.
class keeping {
 public:
  /// `to_host`: the bytes leave this process for its host, where not every handle can follow.
  explicit keeping(keepers& list, bool to_host = false) noexcept
      : list_(list), to_host_(to_host), outer_(std::exchange(innermost_, this)) {}
  ~keeping() { innermost_ = outer_; }
  keeping(const keeping&) = delete;
  keeping& operator=(const keeping&) = delete;

  static void note(std::shared_ptr<reference> what) {
    if (innermost_ != nullptr) innermost_->list_.push_back(std::move(what));
  }
  static bool to_host() noexcept { return innermost_ != nullptr && innermost_->to_host_; }

 private:
  static inline constinit thread_local keeping* innermost_ = nullptr;
  keepers& list_;
  const bool to_host_;
  keeping* const outer_;
};

}  // namespace troupe::detail
