#include <troupe/detail/buffer.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace troupe::detail {

// realloc, since large blocks then move by remapping pages rather than by copying them.
void buffer::enlarge(std::size_t n) {
  const auto old = data_ == inline_ ? nullptr : data_;
  auto wanted = std::max(n, capacity_ * 2);
  void* block = std::realloc(old, wanted);
  if (block == nullptr) block = std::realloc(old, wanted = n);
  if (block == nullptr) throw std::bad_alloc{};
  if (data_ == inline_) std::memcpy(block, inline_, size_);
  data_ = static_cast<std::byte*>(block);
  capacity_ = wanted;
}

void buffer::release() noexcept {
  if (data_ != inline_) std::free(data_);
}

void buffer::take(buffer& other) noexcept {
  size_ = other.size_;
  capacity_ = other.capacity_;
  if (other.data_ == other.inline_) {
    data_ = inline_;
    std::memcpy(inline_, other.inline_, other.size_);
  } else {
    data_ = other.data_;
  }
  other.data_ = other.inline_;
  other.size_ = 0;
  other.capacity_ = sizeof other.inline_;
}

}  // namespace troupe::detail
