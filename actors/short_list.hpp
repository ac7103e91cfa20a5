#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace troupe::detail {

/// A list that is nearly always short: the first N elements need no allocation, and an empty list
/// costs next to nothing. Neither copied nor moved.
template <class T, std::size_t N = 4>
class short_list {
 public:
  short_list() noexcept {}  // NOLINT: the storage is meant to be raw
  ~short_list() { clear(); }
  short_list(const short_list&) = delete;
  short_list& operator=(const short_list&) = delete;

  void push(T x) {
    if (size_ < N) {
      new (at(size_)) T(std::move(x));
    } else {
      if (!rest_) rest_ = std::make_unique<std::vector<T>>();
      rest_->push_back(std::move(x));
    }
    ++size_;
  }
  void clear() noexcept {
    for (std::size_t i = 0; i < size_ && i < N; ++i) at(i)->~T();
    if (rest_) rest_->clear();
    size_ = 0;
  }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t i) noexcept { return i < N ? *at(i) : (*rest_)[i - N]; }
  template <class Fn>
  void each(Fn&& fn) {
    for (std::size_t i = 0; i < size_; ++i) fn((*this)[i]);
  }
  bool contains(const T& x) {
    for (std::size_t i = 0; i < size_; ++i)
      if ((*this)[i] == x) return true;
    return false;
  }

 private:
  T* at(std::size_t i) noexcept { return std::launder(reinterpret_cast<T*>(raw_) + i); }

  std::size_t size_ = 0;
  std::unique_ptr<std::vector<T>> rest_;
  alignas(T) std::byte raw_[N * sizeof(T)];
};

}  // namespace troupe::detail
