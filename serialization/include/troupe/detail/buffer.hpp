#pragma once

#include <cstddef>
#include <cstring>
#include <span>

namespace troupe::detail {

/// Bytes that grow, without zero-filling them; the first 64 need no allocation. Move-only.
class buffer {
 public:
  buffer() noexcept = default;
  buffer(buffer&& other) noexcept { take(other); }
  buffer& operator=(buffer&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~buffer() { release(); }

  std::byte* data() noexcept { return data_; }
  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  std::span<const std::byte> view() const noexcept { return {data_, size_}; }

  void clear() noexcept { size_ = 0; }
  /// Gives the memory back, too.
  void reset() noexcept {
    release();
    data_ = inline_;
    size_ = 0;
    capacity_ = sizeof inline_;
  }
  /// Throws std::bad_alloc. At least doubles, so that appending is linear.
  void reserve(std::size_t n) {
    if (n > capacity_) enlarge(n);
  }
  /// The new bytes are not initialised.
  void resize(std::size_t n) {
    reserve(n);
    size_ = n;
  }
  void append(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    const auto old = size_;
    resize(old + bytes.size());
    std::memcpy(data_ + old, bytes.data(), bytes.size());
  }

 private:
  void enlarge(std::size_t n);
  void release() noexcept;
  void take(buffer& other) noexcept;

  std::byte* data_ = inline_;
  std::size_t size_ = 0;
  std::size_t capacity_ = sizeof inline_;
  alignas(16) std::byte inline_[64];
};

/// Where a writer's bytes go: a window of memory, and what to do with those that it cannot hold.
class sink {
 public:
  std::byte* begin = nullptr;
  std::byte* cur = nullptr;
  std::byte* end = nullptr;
  std::byte* mark = nullptr;  ///< what lies before it is whole: a sink may already send it off

  std::size_t size() const noexcept { return static_cast<std::size_t>(cur - begin); }
  /// Takes n bytes that are more than the window can hold; moves begin, cur, end and mark. Throws,
  /// and then it has taken none, or some behind the mark.
  virtual void overflow(const void* bytes, std::size_t n) = 0;
  /// Forgets what lies behind the mark.
  virtual void rewind() noexcept { cur = mark; }

 protected:
  ~sink() = default;
};

/// A sink into a buffer, which it fills from its present end; done() gives the buffer its size.
class buffer_sink final : public sink {
 public:
  explicit buffer_sink(buffer& b) noexcept : buffer_(b) { aim(b.size(), b.size()); }
  void overflow(const void* bytes, std::size_t n) override {
    const auto used = size(), whole = static_cast<std::size_t>(mark - begin);
    buffer_.resize(used);
    buffer_.append({static_cast<const std::byte*>(bytes), n});
    aim(used + n, whole);
  }
  void done() { buffer_.resize(size()); }

 private:
  void aim(std::size_t used, std::size_t whole) noexcept {
    begin = buffer_.data();
    cur = begin + used;
    end = begin + buffer_.capacity();
    mark = begin + whole;
  }
  buffer& buffer_;
};

}  // namespace troupe::detail
