#include <troupe/detail/buffer.hpp>

#include "serialization/large_blocks.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace troupe::detail {

void buffer::enlarge(std::size_t n) {
  const bool was_inline = data_ == inline_, was_large = capacity_ >= large_block;
  auto wanted = std::max(n, capacity_ * 2);
  if (wanted >= large_block) {
    const auto b = large_resize(was_large ? block{data_, capacity_} : block{}, wanted);
    if (!was_large) {
      std::memcpy(b.memory, data_, size_);
      release();
    }
    data_ = static_cast<std::byte*>(b.memory);
    capacity_ = b.size;
    return;
  }
  void* const memory = std::realloc(was_inline ? nullptr : data_, wanted);
  if (memory == nullptr) throw std::bad_alloc{};
  if (was_inline) std::memcpy(memory, inline_, size_);
  data_ = static_cast<std::byte*>(memory);
  capacity_ = wanted;
}

void buffer::release() noexcept {
  if (data_ == inline_) return;
  if (capacity_ >= large_block) large_free({data_, capacity_});
  else std::free(data_);
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
