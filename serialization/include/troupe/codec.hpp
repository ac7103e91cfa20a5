// The two archives: values to bytes and back, on cereal, in memory, in one pass.
//
// The bytes are a pure function of the value: little-endian, no padding, sizes as 64 bits.
// Reading is total: any bytes give a value or a decode_error. Sizes are checked against the bytes
// that remain before anything is allocated, nesting ends at max_depth, a bool is 0 or 1.
// The only public header that names cereal; serialization/README.md has the format.
#pragma once

#include <troupe/detail/buffer.hpp>
#include <troupe/error.hpp>

#include <array>
#include <bit>
#include <bitset>
#include <cereal/cereal.hpp>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

static_assert(std::endian::native == std::endian::little, "the wire format is little-endian");

/// Values nested deeper than this are refused, on both sides.
inline constexpr int max_depth = 64;

/// Specialize with `static constexpr E first = …, last = …;` to have an enum's values checked
/// when they are read. Without it every value of the underlying type passes, as in C++ itself.
template <class E>
struct enum_range {};

namespace detail {
[[noreturn]] void throw_too_deep_to_encode();
[[noreturn]] void throw_too_deep_to_decode();
[[noreturn]] void throw_truncated(std::size_t wanted, std::size_t remaining);
[[noreturn]] void throw_bad_value(const char* what, std::uint64_t value);
[[noreturn]] void throw_bad_key(std::size_t place);
[[noreturn]] void throw_trailing(std::size_t bytes);
/// In a catch block: rethrows what is an encode_error, wraps what is not.
[[noreturn]] void rethrow_as_encode_error();
[[noreturn]] void rethrow_as_decode_error();

template <class E>
concept ranged_enum = requires {
  enum_range<E>::first;
  enum_range<E>::last;
};
/// Copied as a block: its bytes are exactly its values.
template <class T>
concept plain_element = (std::is_arithmetic_v<T> && !std::is_same_v<T, bool> &&
                         !std::is_same_v<T, long double>) || std::is_same_v<T, std::byte>;
/// cereal writes the version of such a type, or such a base, only once in an archive's life.
template <class T, class Archive>
inline constexpr bool leaves_state =
    cereal::traits::has_member_versioned_serialize<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_serialize<T, Archive>::value ||
    cereal::traits::has_member_versioned_save<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_save<T, Archive>::value ||
    cereal::traits::has_member_versioned_load<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_load<T, Archive>::value ||
    cereal::traits::has_member_versioned_save_minimal<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_save_minimal<T, Archive>::value;
template <class T, class Archive>
inline constexpr bool leaves_state<cereal::virtual_base_class<T>, Archive> = true;
}  // namespace detail

/// Turns values into bytes at the end of a sink. Not thread-safe, cheap to make.
class writer : public cereal::OutputArchive<writer, cereal::AllowEmptyClassElision> {
 public:
  explicit writer(detail::sink& out) noexcept
      : cereal::OutputArchive<writer, cereal::AllowEmptyClassElision>(this), out_(out) {}

  void put(const void* bytes, std::size_t n) {
    if (static_cast<std::size_t>(out_.end - out_.cur) < n) return out_.overflow(bytes, n);
    if (n != 0) std::memcpy(out_.cur, bytes, n);
    out_.cur += n;
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void put(T value) {
    static_assert(!std::is_same_v<T, long double>,
                  "troupe: long double cannot be sent: its bytes differ between machines and "
                  "hold uninitialised padding; send a double");
    if constexpr (std::is_same_v<T, bool>) {
      const auto byte = static_cast<std::uint8_t>(value);
      put(&byte, 1);
    } else {
      put(&value, sizeof value);
    }
  }
  void put_size(std::size_t n) { put(static_cast<std::uint64_t>(n)); }

  detail::sink& out() noexcept { return out_; }
  void enter() {
    if (++depth_ > max_depth) detail::throw_too_deep_to_encode();
  }
  void leave() noexcept { --depth_; }
  void leaves_state() noexcept { stateful_ = true; }
  /// After each value: forgets what cereal has noted of it, since the next one is read alone.
  void end_value() {
    if (stateful_ && depth_ == 0) restart();
  }
  /// After an exception.
  void restart() noexcept {
    auto& out = out_;
    std::destroy_at(this);
    std::construct_at(this, out);
  }

 private:
  detail::sink& out_;
  int depth_ = 0;
  bool stateful_ = false;
};

/// Turns bytes back into values; throws decode_error. The bytes must outlive it and its views.
class reader : public cereal::InputArchive<reader, cereal::AllowEmptyClassElision> {
 public:
  explicit reader(std::span<const std::byte> in) noexcept
      : cereal::InputArchive<reader, cereal::AllowEmptyClassElision>(this),
        cur_(in.data()), end_(in.data() + in.size()) {}

  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - cur_); }
  const std::byte* position() const noexcept { return cur_; }

  /// The next n bytes, where they are.
  const std::byte* take(std::size_t n) {
    if (n > remaining()) detail::throw_truncated(n, remaining());
    return std::exchange(cur_, cur_ + n);
  }
  void get(void* to, std::size_t n) {
    const auto from = take(n);
    if (n != 0) std::memcpy(to, from, n);
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  T get() {
    static_assert(!std::is_same_v<T, long double>, "troupe: long double cannot be sent");
    if constexpr (std::is_same_v<T, bool>) {
      const auto byte = static_cast<std::uint8_t>(*take(1));
      if (byte > 1) detail::throw_bad_value("a bool", byte);
      return byte == 1;
    } else {
      T value;
      get(&value, sizeof value);
      return value;
    }
  }
  /// A number of elements, each of at least `each` bytes, that can still be here.
  std::size_t get_size(std::size_t each) {
    const auto n = get<std::uint64_t>();
    if (n > remaining() / (each == 0 ? 1 : each)) detail::throw_truncated(n, remaining());
    return static_cast<std::size_t>(n);
  }
  /// Every byte must have been read.
  void finish() const {
    if (cur_ != end_) detail::throw_trailing(remaining());
  }
  void enter() {
    if (++depth_ > max_depth) detail::throw_too_deep_to_decode();
  }
  void leave() noexcept { --depth_; }
  void leaves_state() noexcept { stateful_ = true; }
  void end_value() {
    if (!stateful_ || depth_ != 0) return;
    const std::span rest{cur_, end_};
    std::destroy_at(this);
    std::construct_at(this, rest);
  }

 private:
  const std::byte* cur_;
  const std::byte* end_;
  int depth_ = 0;
  bool stateful_ = false;
};

/// Appends the bytes of a value. Throws encode_error (what the value's own code threw is nested).
template <class T>
void encode(writer& to, const T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    to.put(value);
  } else {
    try {
      to(value);
      to.end_value();
    } catch (...) {
      detail::rethrow_as_encode_error();
    }
  }
}

/// Reads one value. Throws decode_error and nothing else.
template <class T>
void decode(reader& from, T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    value = from.get<T>();
  } else {
    try {
      from(value);
      from.end_value();
    } catch (...) {
      detail::rethrow_as_decode_error();
    }
  }
}

/// Reads one value that must take up all the bytes.
template <class T>
T decode(std::span<const std::byte> bytes) {
  reader from{bytes};
  T value{};
  decode(from, value);
  from.finish();
  return value;
}

namespace detail {
template <class T>
buffer encoded(const T& value) {
  buffer bytes;
  buffer_sink to{bytes};
  writer w{to};
  encode(w, value);
  to.done();
  return bytes;
}
}  // namespace detail

// Called by cereal around every value.
template <class T>
void prologue(writer& w, const T&) {
  if constexpr (!std::is_arithmetic_v<T>) w.enter();
  if constexpr (detail::leaves_state<T, writer>) w.leaves_state();
}
template <class T>
void epilogue(writer& w, const T&) {
  if constexpr (!std::is_arithmetic_v<T>) w.leave();
}
template <class T>
void prologue(reader& r, const T&) {
  if constexpr (!std::is_arithmetic_v<T>) r.enter();
  if constexpr (detail::leaves_state<T, reader>) r.leaves_state();
}
template <class T>
void epilogue(reader& r, const T& value) {
  if constexpr (!std::is_arithmetic_v<T>) r.leave();
  if constexpr (detail::ranged_enum<T>) {
    if (value < enum_range<T>::first || value > enum_range<T>::last)
      detail::throw_bad_value("an enum", static_cast<std::uint64_t>(value));
  }
}

}  // namespace troupe

#include <troupe/detail/codec_containers.hpp>
#include <troupe/detail/codec_std.hpp>
