// portable<T>: what can be sent from one actor to another, wherever the two may live.
#pragma once

#include <troupe/codec.hpp>

#include <memory>
#include <span>
#include <string_view>

namespace troupe {

namespace detail {
template <class T>
constexpr bool compute_portable();
}
template <class T>
inline constexpr bool is_portable_v = detail::compute_portable<T>();

/// A value that can be sent: arithmetic types but long double, enums, strings, the standard
/// containers, optional, variant, pair, tuple, chrono types, std::filesystem::path, classes
/// without data, plain aggregates of up to 16 fields, classes with a cereal `serialize` (or
/// save/load), and Troupe's own handles. It must be default-constructible, as it is read in place.
template <class T>
concept portable = is_portable_v<T>;

namespace detail {

template <class T>
struct parts_portable : std::bool_constant<false> {
  static constexpr bool known = false;
};
#define TROUPE_PARTS(PARAMS, TYPE, ...)                                    \
  template <PARAMS>                                                        \
  struct parts_portable<TYPE> : std::bool_constant<(__VA_ARGS__)> {        \
    static constexpr bool known = true;                                    \
  };
#define TROUPE_LIST(...) __VA_ARGS__
TROUPE_PARTS(TROUPE_LIST(class C, class Tr, class A), TROUPE_LIST(std::basic_string<C, Tr, A>), true)
TROUPE_PARTS(TROUPE_LIST(class T, class A), TROUPE_LIST(std::vector<T, A>), is_portable_v<T>)
TROUPE_PARTS(TROUPE_LIST(class T, class A), TROUPE_LIST(std::deque<T, A>), is_portable_v<T>)
TROUPE_PARTS(TROUPE_LIST(class T, class A), TROUPE_LIST(std::list<T, A>), is_portable_v<T>)
TROUPE_PARTS(TROUPE_LIST(class T, class A), TROUPE_LIST(std::forward_list<T, A>), is_portable_v<T>)
TROUPE_PARTS(TROUPE_LIST(class T, std::size_t N), TROUPE_LIST(std::array<T, N>), is_portable_v<T>)
TROUPE_PARTS(std::size_t N, std::bitset<N>, true)
TROUPE_PARTS(TROUPE_LIST(class... T), TROUPE_LIST(std::set<T...>),
             is_portable_v<typename std::set<T...>::key_type>)
TROUPE_PARTS(TROUPE_LIST(class... T), TROUPE_LIST(std::multiset<T...>),
             is_portable_v<typename std::multiset<T...>::key_type>)
TROUPE_PARTS(TROUPE_LIST(class... T), TROUPE_LIST(std::unordered_set<T...>),
             is_portable_v<typename std::unordered_set<T...>::key_type>)
TROUPE_PARTS(TROUPE_LIST(class... T), TROUPE_LIST(std::unordered_multiset<T...>),
             is_portable_v<typename std::unordered_multiset<T...>::key_type>)
TROUPE_PARTS(TROUPE_LIST(class K, class V, class... R), TROUPE_LIST(std::map<K, V, R...>),
             is_portable_v<K>&& is_portable_v<V>)
TROUPE_PARTS(TROUPE_LIST(class K, class V, class... R), TROUPE_LIST(std::multimap<K, V, R...>),
             is_portable_v<K>&& is_portable_v<V>)
TROUPE_PARTS(TROUPE_LIST(class K, class V, class... R), TROUPE_LIST(std::unordered_map<K, V, R...>),
             is_portable_v<K>&& is_portable_v<V>)
TROUPE_PARTS(TROUPE_LIST(class K, class V, class... R),
             TROUPE_LIST(std::unordered_multimap<K, V, R...>),
             is_portable_v<K>&& is_portable_v<V>)
TROUPE_PARTS(class T, std::optional<T>, is_portable_v<T>)
TROUPE_PARTS(class... T, std::variant<T...>, (is_portable_v<T> && ...))
TROUPE_PARTS(class... T, std::tuple<T...>, (is_portable_v<T> && ...))
TROUPE_PARTS(TROUPE_LIST(class A, class B), TROUPE_LIST(std::pair<A, B>),
             is_portable_v<A>&& is_portable_v<B>)
TROUPE_PARTS(class T, std::complex<T>, is_portable_v<T>)
TROUPE_PARTS(TROUPE_LIST(class R, class P), TROUPE_LIST(std::chrono::duration<R, P>),
             is_portable_v<R>)
TROUPE_PARTS(TROUPE_LIST(class C, class D), TROUPE_LIST(std::chrono::time_point<C, D>),
             is_portable_v<D>)
#undef TROUPE_PARTS
#undef TROUPE_LIST
template <>
struct parts_portable<std::filesystem::path> : std::true_type {
  static constexpr bool known = true;
};
template <>
struct parts_portable<std::monostate> : std::true_type {
  static constexpr bool known = true;
};

template <class T>
inline constexpr bool is_pointer_like = std::is_pointer_v<T> || std::is_member_pointer_v<T> ||
                                        std::is_null_pointer_v<T>;
template <class T>
inline constexpr bool is_smart_pointer = false;
template <class T>
inline constexpr bool is_smart_pointer<std::shared_ptr<T>> = true;
template <class T>
inline constexpr bool is_smart_pointer<std::weak_ptr<T>> = true;
template <class T, class D>
inline constexpr bool is_smart_pointer<std::unique_ptr<T, D>> = true;
template <class T>
inline constexpr bool is_view = false;
template <class C, class Tr>
inline constexpr bool is_view<std::basic_string_view<C, Tr>> = true;
template <class T, std::size_t N>
inline constexpr bool is_view<std::span<T, N>> = true;

struct portable_fields {
  template <class... F>
  constexpr auto operator()(F&...) const {
    return std::bool_constant<(is_portable_v<std::remove_cv_t<F>> && ...)>{};
  }
};

template <class T>
constexpr bool compute_portable() {
  if constexpr (std::is_const_v<T> || std::is_volatile_v<T> || std::is_reference_v<T>) return false;
  else if constexpr (std::is_same_v<T, long double>) return false;
  else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) return true;
  else if constexpr (parts_portable<T>::known) return parts_portable<T>::value;
  else if constexpr (is_smart_pointer<T> || is_view<T> || !std::is_class_v<T>) return false;
  else if constexpr (!std::is_default_constructible_v<T>) return false;
  else if constexpr (std::is_empty_v<T>) return true;
  else if constexpr (reflected<T> && field_count<T>() == 0) return false;
  else if constexpr (reflected<T>)
    return decltype(with_fields(std::declval<T&>(), portable_fields{}))::value;
  else
    return cereal::traits::is_output_serializable<T, writer>::value &&
           cereal::traits::is_input_serializable<T, reader>::value;
}

/// Named in the compiler's message: the type that cannot be sent, and why.
template <class T>
struct this_type_can_be_sent {
  static constexpr bool by_value = !std::is_reference_v<T>;
  static_assert(by_value, "troupe: a reference cannot be sent: send the value");
  static_assert(!is_pointer_like<T>,
                "troupe: a pointer cannot be sent: it means nothing in another process; send the "
                "object, or a std::string for a char*");
  static_assert(!is_smart_pointer<T>, "troupe: a smart pointer cannot be sent: send the object");
  static_assert(!is_view<T>,
                "troupe: a view (string_view, span) owns nothing and cannot be sent as a value: "
                "return a std::string or a std::vector (as a parameter a view is fine)");
  static_assert(!std::is_same_v<T, long double>,
                "troupe: long double cannot be sent: its bytes differ between machines; send a "
                "double");
  static_assert(is_pointer_like<T> || is_smart_pointer<T> || is_view<T> || !by_value ||
                    std::is_same_v<T, long double> || is_portable_v<T>,
                "troupe: this type cannot be sent: give it a cereal `serialize` function and a "
                "default constructor, or make it a plain aggregate of portable fields");
  static constexpr bool value = is_portable_v<T>;
};
// Looks into standard types, so that the message names the part and not the whole.
template <class T>
struct check_portable : this_type_can_be_sent<T> {};
template <class T>
  requires(parts_portable<T>::known && !parts_portable<T>::value)
struct check_portable<T> {
  template <class U>
  static constexpr bool check_part() {
    if constexpr (std::is_empty_v<U> || is_portable_v<U>) return true;  // allocators and the like
    else return check_portable<U>::value;
  }
  template <template <class...> class C, class... U>
  static constexpr bool check_parts(const C<U...>*) {
    return (check_part<U>() && ...);
  }
  static constexpr bool check_parts(const void*) { return this_type_can_be_sent<T>::value; }
  static constexpr bool value = check_parts(static_cast<const T*>(nullptr));
};

}  // namespace detail
}  // namespace troupe
