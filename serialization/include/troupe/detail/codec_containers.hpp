// How the two archives treat the containers of the standard library. Overloads on the archives
// themselves, so that they win over cereal's generic ones, which resize a container by a size that
// nobody has checked. Part of codec.hpp.
#pragma once

#include <troupe/codec.hpp>
#include <troupe/detail/aggregate.hpp>

#include <algorithm>

namespace troupe::detail {

// --- what a value takes at least: sizes are checked with it before anything is allocated ----
template <class T>
constexpr std::size_t least_bytes();
struct least_of_fields {
  template <class... F>
  constexpr auto operator()(F&...) const {
    return std::integral_constant<std::size_t, (least_bytes<std::remove_cv_t<F>>() + ... + 0)>{};
  }
};
/// Of a type that is none of those below; 0: nothing, or nobody knows.
template <class T>
constexpr std::size_t least_of_other() {
  if constexpr (std::is_same_v<T, bool>) return 1;
  else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) return sizeof(T);
  else if constexpr (reflected<T>)
    return decltype(with_fields(std::declval<T&>(), least_of_fields{}))::value;
  else return 0;
}
inline constexpr std::size_t size_bytes = sizeof(std::uint64_t);
template <class T>
inline constexpr std::size_t least = least_of_other<T>();
template <class... A>
inline constexpr std::size_t least<std::basic_string<A...>> = size_bytes;
template <>
inline constexpr std::size_t least<std::filesystem::path> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::vector<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::deque<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::list<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::forward_list<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::set<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::multiset<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::unordered_set<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::unordered_multiset<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::map<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::multimap<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::unordered_map<A...>> = size_bytes;
template <class... A>
inline constexpr std::size_t least<std::unordered_multimap<A...>> = size_bytes;
template <class T, std::size_t N>
inline constexpr std::size_t least<std::array<T, N>> = N * least_bytes<T>();
template <std::size_t N>
inline constexpr std::size_t least<std::bitset<N>> = (N + 7) / 8;
template <class T>
inline constexpr std::size_t least<std::optional<T>> = 1;
template <class... T>
inline constexpr std::size_t least<std::variant<T...>> = sizeof(std::uint32_t);
template <class... T>
inline constexpr std::size_t least<std::tuple<T...>> = (least_bytes<T>() + ... + 0);
template <class A, class B>
inline constexpr std::size_t least<std::pair<A, B>> = least_bytes<A>() + least_bytes<B>();
template <class T>
inline constexpr std::size_t least<std::complex<T>> = 2 * least_bytes<T>();
template <class R, class P>
inline constexpr std::size_t least<std::chrono::duration<R, P>> = least_bytes<R>();
template <class C, class D>
inline constexpr std::size_t least<std::chrono::time_point<C, D>> = least_bytes<D>();
template <class T>
constexpr std::size_t least_bytes() {
  return least<T>;
}

// --- elements -------------------------------------------------------------------------------
// An element without bytes would let eight bytes ask for 2^64 of them; it is led by a zero byte.
template <class T>
inline constexpr bool weightless = least_bytes<T>() == 0;
template <class T>
inline constexpr std::size_t least_element = weightless<T> ? 1 : least_bytes<T>();

template <class T>
void save_element(writer& to, const T& x) {
  if constexpr (weightless<T>) to.put(std::uint8_t{0});
  to(x);
}
template <class T>
void load_element(reader& from, T& x) {
  if constexpr (weightless<T>) {
    if (const auto byte = from.get<std::uint8_t>(); byte != 0)
      throw_bad_value("the byte ahead of an element", byte);
  }
  from(x);
}
template <class C>
void save_range(writer& to, const C& xs, std::size_t n) {
  to.put_size(n);
  for (const auto& x : xs) save_element(to, x);
}
// Grows with what has really been read: the memory taken stays in proportion to the bytes.
template <class C>
void load_sequence(reader& from, C& xs) {
  using T = typename C::value_type;
  constexpr std::size_t trusted = std::max<std::size_t>(1, 16 * 1024 / sizeof(T));
  xs.clear();
  auto n = from.get_size(least_element<T>);
  if constexpr (requires { xs.reserve(n); }) xs.reserve(std::min(n, trusted));
  for (; n != 0; --n) load_element(from, xs.emplace_back());
}
// A set or map has one encoding: its keys in its own order, each once.
template <class C>
void check_key(const C& xs, typename C::const_iterator key, std::size_t place) {
  bool good = xs.size() == place + 1;
  if constexpr (requires { typename C::key_compare; }) good = good && std::next(key) == xs.end();
  if (!good) throw_bad_key(place);
}
template <class C>
void load_set(reader& from, C& xs) {
  xs.clear();
  const auto n = from.get_size(least_element<typename C::key_type>);
  for (std::size_t i = 0; i != n; ++i) {
    typename C::key_type x{};
    load_element(from, x);
    check_key(xs, xs.insert(xs.end(), std::move(x)), i);
  }
}
template <class C>
void save_map(writer& to, const C& xs) {
  to.put_size(xs.size());
  for (const auto& [key, value] : xs) {
    save_element(to, key);
    to(value);
  }
}
template <class C>
void load_map(reader& from, C& xs) {
  using K = typename C::key_type;
  using V = typename C::mapped_type;
  xs.clear();
  const auto n = from.get_size(least_element<K> + least_bytes<V>());
  for (std::size_t i = 0; i != n; ++i) {
    K key{};
    load_element(from, key);
    V value{};
    from(value);
    check_key(xs, xs.emplace_hint(xs.end(), std::move(key), std::move(value)), i);
  }
}

}  // namespace troupe::detail

namespace cereal {

// --- sequences ------------------------------------------------------------------------------
template <class T, class A>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::vector<T, A>& xs) {
  if constexpr (troupe::detail::plain_element<T>) {
    to.put_size(xs.size());
    to.put(xs.data(), xs.size() * sizeof(T));
  } else {
    troupe::detail::save_range(to, xs, xs.size());
  }
}
template <class T, class A>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::vector<T, A>& xs) {
  if constexpr (troupe::detail::plain_element<T>) {
    const auto n = from.get_size(sizeof(T));
    const auto bytes = from.take(n * sizeof(T));
    if constexpr (alignof(T) == 1) {
      const auto first = reinterpret_cast<const T*>(bytes);
      xs.assign(first, first + n);
    } else {
      xs.resize(n);
      if (n != 0) std::memcpy(xs.data(), bytes, n * sizeof(T));
    }
  } else {
    troupe::detail::load_sequence(from, xs);
  }
}
// An overload of its own, as cereal's, to be the better match.
template <class A>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::vector<bool, A>& xs) {
  to.put_size(xs.size());
  for (const bool x : xs) to.put(x);
}
template <class A>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::vector<bool, A>& xs) {
  xs.resize(from.get_size(1));
  for (auto&& x : xs) x = from.get<bool>();
}

#define TROUPE_SEQUENCE(NAME)                                                       \
  template <class T, class A>                                                       \
  void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::NAME<T, A>& xs) {   \
    troupe::detail::save_range(to, xs, xs.size());                                  \
  }                                                                                 \
  template <class T, class A>                                                       \
  void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::NAME<T, A>& xs) {       \
    troupe::detail::load_sequence(from, xs);                                        \
  }
TROUPE_SEQUENCE(deque)
TROUPE_SEQUENCE(list)
#undef TROUPE_SEQUENCE

template <class T, class A>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::forward_list<T, A>& xs) {
  troupe::detail::save_range(
      to, xs, static_cast<std::size_t>(std::distance(xs.begin(), xs.end())));
}
template <class T, class A>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::forward_list<T, A>& xs) {
  xs.clear();
  auto last = xs.before_begin();
  for (auto n = from.get_size(troupe::detail::least_element<T>); n != 0; --n) {
    last = xs.emplace_after(last);
    troupe::detail::load_element(from, *last);
  }
}

template <class T, std::size_t N>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::array<T, N>& xs) {
  if constexpr (troupe::detail::plain_element<T>) to.put(xs.data(), sizeof xs * (N != 0));
  else
    for (const auto& x : xs) to(x);
}
template <class T, std::size_t N>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::array<T, N>& xs) {
  if constexpr (troupe::detail::plain_element<T>) from.get(xs.data(), sizeof xs * (N != 0));
  else
    for (auto& x : xs) from(x);
}

// --- sets and maps --------------------------------------------------------------------------
#define TROUPE_SET(NAME, ...)                                                           \
  template <class K, __VA_ARGS__>                                                       \
  void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::NAME& xs) {             \
    troupe::detail::save_range(to, xs, xs.size());                                      \
  }                                                                                     \
  template <class K, __VA_ARGS__>                                                       \
  void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::NAME& xs) {                 \
    troupe::detail::load_set(from, xs);                                                 \
  }
#define TROUPE_MAP(NAME, ...)                                                           \
  template <class K, class V, __VA_ARGS__>                                              \
  void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::NAME& xs) {             \
    troupe::detail::save_map(to, xs);                                                   \
  }                                                                                     \
  template <class K, class V, __VA_ARGS__>                                              \
  void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::NAME& xs) {                 \
    troupe::detail::load_map(from, xs);                                                 \
  }
#define TROUPE_COMMA ,
TROUPE_SET(set<K TROUPE_COMMA C TROUPE_COMMA A>, class C, class A)
TROUPE_SET(multiset<K TROUPE_COMMA C TROUPE_COMMA A>, class C, class A)
TROUPE_SET(unordered_set<K TROUPE_COMMA H TROUPE_COMMA E TROUPE_COMMA A>, class H, class E, class A)
TROUPE_SET(unordered_multiset<K TROUPE_COMMA H TROUPE_COMMA E TROUPE_COMMA A>, class H, class E,
           class A)
TROUPE_MAP(map<K TROUPE_COMMA V TROUPE_COMMA C TROUPE_COMMA A>, class C, class A)
TROUPE_MAP(multimap<K TROUPE_COMMA V TROUPE_COMMA C TROUPE_COMMA A>, class C, class A)
TROUPE_MAP(unordered_map<K TROUPE_COMMA V TROUPE_COMMA H TROUPE_COMMA E TROUPE_COMMA A>, class H,
           class E, class A)
TROUPE_MAP(unordered_multimap<K TROUPE_COMMA V TROUPE_COMMA H TROUPE_COMMA E TROUPE_COMMA A>,
           class H, class E, class A)
#undef TROUPE_SET
#undef TROUPE_MAP
#undef TROUPE_COMMA

}  // namespace cereal
