// The fields of a plain aggregate, in order, by structured bindings: so that
// `struct point { double x, y; };` can be sent without a word.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace troupe::detail {

// Never called; the bodies are for clang, which else warns of functions that nobody defines.
template <class Whole>
struct any_field {
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Whole>)
  operator T&() const noexcept { std::abort(); }  // NOLINT: an implicit conversion is the point
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Whole>)
  operator T&&() const noexcept { std::abort(); }  // NOLINT
};

template <class T, std::size_t... I>
constexpr bool takes_fields(std::index_sequence<I...>) {
  return requires { T{(void(I), any_field<T>{})...}; };
}
inline constexpr std::size_t max_fields = 16;
/// 0: more than max_fields.
template <class T, std::size_t N = max_fields + 1>
constexpr std::size_t field_count() {
  if constexpr (N == 0) return 0;
  else if constexpr (takes_fields<T>(std::make_index_sequence<N>{})) return N % (max_fields + 1);
  else return field_count<T, N - 1>();
}

// Stands for an archive where only the author's own functions shall be found.
struct any_archive {
  template <class... T>
  void operator()(T&&...);
};

/// An aggregate whose author wrote no serialize, save or load for it.
template <class T>
concept reflected =
    std::is_aggregate_v<T> && std::is_class_v<T> && !std::is_empty_v<T> &&
    !requires(any_archive& a, T& x) { x.serialize(a); } &&
    !requires(any_archive& a, T& x) { x.serialize(a, 0U); } &&
    !requires(any_archive& a, T& x) { x.save(a); } &&
    !requires(any_archive& a, T& x) { x.save_minimal(a); } &&
    !requires(any_archive& a, T& x) { serialize(a, x); } &&
    !requires(any_archive& a, T& x) { save(a, x); };

/// Calls fn(field...) with all fields of x, in order, and returns what it returns.
template <class T, class Fn>
constexpr decltype(auto) with_fields(T& x, Fn&& fn) {
  constexpr auto n = field_count<std::remove_const_t<T>>();
  static_assert(n > 0, "troupe: the fields of this aggregate cannot be counted (more than 16, or "
                       "a C array among them): give it a serialize function");
#define TROUPE_FIELDS(N, ...)     \
  if constexpr (n == N) {         \
    auto& [__VA_ARGS__] = x;      \
    return fn(__VA_ARGS__);       \
  } else
  TROUPE_FIELDS(1, a)
  TROUPE_FIELDS(2, a, b)
  TROUPE_FIELDS(3, a, b, c)
  TROUPE_FIELDS(4, a, b, c, d)
  TROUPE_FIELDS(5, a, b, c, d, e)
  TROUPE_FIELDS(6, a, b, c, d, e, f)
  TROUPE_FIELDS(7, a, b, c, d, e, f, g)
  TROUPE_FIELDS(8, a, b, c, d, e, f, g, h)
  TROUPE_FIELDS(9, a, b, c, d, e, f, g, h, i)
  TROUPE_FIELDS(10, a, b, c, d, e, f, g, h, i, j)
  TROUPE_FIELDS(11, a, b, c, d, e, f, g, h, i, j, k)
  TROUPE_FIELDS(12, a, b, c, d, e, f, g, h, i, j, k, l)
  TROUPE_FIELDS(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  TROUPE_FIELDS(14, a, b, c, d, e, f, g, h, i, j, k, l, m, o)
  TROUPE_FIELDS(15, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
  TROUPE_FIELDS(16, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q) {}
#undef TROUPE_FIELDS
}

template <class T, class Fn>
void for_each_field(T& x, Fn&& fn) {
  with_fields(x, [&](auto&... field) { (fn(field), ...); });
}

}  // namespace troupe::detail
