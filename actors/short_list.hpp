#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace troupe::detail {

/// A list that is nearly always short: the first N elements need no allocation.
template <class T, std::size_t N = 4>
class short_list {
 public:
  void push(T x) {
    if (size_ < N) first_[size_] = std::move(x);
    else rest_.push_back(std::move(x));
    ++size_;
  }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t i) noexcept { return i < N ? first_[i] : rest_[i - N]; }
  template <class Fn>
  void each(Fn&& fn) {
    for (std::size_t i = 0; i < size_; ++i) fn((*this)[i]);
  }
  bool contains(const T& x) const {
    for (std::size_t i = 0; i < size_; ++i)
      if ((i < N ? first_[i] : rest_[i - N]) == x) return true;
    return false;
  }

 private:
  std::array<T, N> first_{};
  std::vector<T> rest_;
  std::size_t size_ = 0;
};

}  // namespace troupe::detail
