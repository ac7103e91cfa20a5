// Lazy ranges of ints. Not std::views: clang 14 cannot compile those with the library of GCC 12.
#pragma once

#include <climits>
#include <cstddef>
#include <functional>
#include <iterator>

namespace support {

/// first, first + 1 … below last, each passed through a function when it is read.
class numbers {
 public:
  class iterator {
   public:
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(const numbers* all, int at) : all_(all), at_(at) {}
    int operator*() const { return all_->through_ ? all_->through_(at_) : at_; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) {
      auto before = *this;
      ++at_;
      return before;
    }
    bool operator==(const iterator& o) const { return at_ == o.at_; }

   private:
    const numbers* all_ = nullptr;
    int at_ = 0;
  };

  explicit numbers(int first, int last = INT_MAX, std::function<int(int)> through = {})
      : first_(first), last_(last), through_(std::move(through)) {}
  iterator begin() const { return {this, first_}; }
  iterator end() const { return {this, last_}; }

 private:
  int first_, last_;
  std::function<int(int)> through_;
};

}  // namespace support
