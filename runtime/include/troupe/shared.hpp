// shared<T>: a large constant that all workers see, without a copy.
#pragma once

#include <troupe/detail/reference.hpp>

#include <span>
#include <type_traits>

namespace troupe {

namespace detail {

class shared_bytes {
 public:
  shared_bytes() = default;
  /// Throws std::system_error if there is no memory for it.
  shared_bytes(system& sys, std::span<const std::byte> bytes);

 protected:
  /// Throws closed_error if the memory's owner had ended before this handle arrived.
  std::span<const std::byte> bytes() const;
  void save(writer& to) const { save_reference(to, object_kind::shared, ref_); }
  void load(reader& from);

 private:
  class mapping;
  static std::shared_ptr<const mapping> attach(const object_ref& ref);
  object_ref ref_;
  std::shared_ptr<const mapping> mapping_;
  friend class shared_state;
};

}  // namespace detail

/// An immutable array in shared memory, filled once, when it is made. A handle: copyable and
/// portable; as an argument of a task in another process it costs as much as a number, and what it
/// leads to is mapped there, not copied. The memory is given back when the last handle is gone,
/// crash or not. Members may be called from any thread.
template <class T>
  requires std::is_trivially_copyable_v<T>
class shared : public detail::shared_bytes {
 public:
  using value_type = T;

  shared() = default;  ///< empty
  shared(system& sys, std::span<const T> values) : shared_bytes(sys, std::as_bytes(values)) {}

  /// Lives as long as this handle or a copy of it.
  std::span<const T> view() const {
    const auto b = this->bytes();
    return {reinterpret_cast<const T*>(b.data()), b.size() / sizeof(T)};
  }
  std::size_t size() const { return this->bytes().size() / sizeof(T); }

  template <class Archive>
  void save(Archive& to) const {
    shared_bytes::save(to);
  }
  template <class Archive>
  void load(Archive& from) {
    shared_bytes::load(from);
  }
};

}  // namespace troupe
