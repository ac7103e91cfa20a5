// How the two archives treat text, small standard types and plain aggregates. Overloads on the
// archives themselves, so that they win over cereal's generic ones. Part of codec.hpp.
#pragma once

#include <troupe/codec.hpp>
#include <troupe/detail/aggregate.hpp>

namespace troupe::detail {

template <class Variant, std::size_t... I>
void load_alternative(reader& from, Variant& v, std::size_t index, std::index_sequence<I...>) {
  ((I == index ? (from(v.template emplace<I>()), void()) : void()), ...);
}
template <class T>
constexpr bool check_block() {
  using element = std::remove_cv_t<std::remove_pointer_t<std::decay_t<T>>>;
  static_assert(plain_element<element> || std::is_void_v<element>,
                "troupe: binary_data takes numbers only: anything else may hold padding, or bytes "
                "that are no value; pass the elements one by one");
  return true;
}

}  // namespace troupe::detail

namespace cereal {

// --- numbers, sizes, blocks -----------------------------------------------------------------
template <class T>
  requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const T& x) { to.put(x); }
template <class T>
  requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, T& x) { x = from.get<T>(); }

template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer& to, SizeTag<T>& tag) { to.put_size(tag.size); }
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader& from, SizeTag<T>& tag) {
  tag.size = static_cast<std::decay_t<T>>(from.get_size(1));
}
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer& to, NameValuePair<T>& pair) { to(pair.value); }
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader& from, NameValuePair<T>& pair) {
  from(pair.value);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const BinaryData<T>& block) {
  static_assert(troupe::detail::check_block<T>());
  to.put(block.data, static_cast<std::size_t>(block.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, BinaryData<T>& block) {
  static_assert(troupe::detail::check_block<T>());
  from.get(block.data, static_cast<std::size_t>(block.size));
}

template <class T, std::size_t N>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer& to, T (&xs)[N]) {
  if constexpr (troupe::detail::plain_element<T>) to.put(xs, sizeof xs);
  else
    for (const auto& x : xs) to(x);
}
template <class T, std::size_t N>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader& from, T (&xs)[N]) {
  if constexpr (troupe::detail::plain_element<T>) from.get(xs, sizeof xs);
  else
    for (auto& x : xs) from(x);
}

// --- text -----------------------------------------------------------------------------------
template <class C, class Tr, class A>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::basic_string<C, Tr, A>& s) {
  to.put_size(s.size());
  to.put(s.data(), s.size() * sizeof(C));
}
template <class C, class Tr, class A>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::basic_string<C, Tr, A>& s) {
  const auto n = from.get_size(sizeof(C));
  const auto bytes = from.take(n * sizeof(C));
  s.resize(n);
  if (n != 0) std::memcpy(s.data(), bytes, n * sizeof(C));
}
inline void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::filesystem::path& p) {
  to(p.native());
}
inline void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::filesystem::path& p) {
  std::filesystem::path::string_type s;
  from(s);
  p = std::move(s);
}

// --- small wholes ---------------------------------------------------------------------------
template <std::size_t N>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::bitset<N>& bits) {
  for (std::size_t i = 0; i < N; i += 8) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < 8 && i + k < N; ++k) byte |= unsigned{bits[i + k]} << k;
    to.put(static_cast<std::uint8_t>(byte));
  }
}
template <std::size_t N>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::bitset<N>& bits) {
  for (std::size_t i = 0; i < N; i += 8) {
    const unsigned byte = from.get<std::uint8_t>();
    if (i + 8 > N && byte >> (N - i) != 0) troupe::detail::throw_bad_value("a bitset", byte);
    for (std::size_t k = 0; k < 8 && i + k < N; ++k) bits[i + k] = (byte >> k & 1U) != 0;
  }
}

template <class A, class B>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer& to, std::pair<A, B>& p) {
  to(p.first, p.second);
}
template <class A, class B>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader& from, std::pair<A, B>& p) {
  from(p.first, p.second);
}
template <class... T>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer& to, std::tuple<T...>& t) {
  std::apply([&](auto&... x) { (void(to(x)), ...); }, t);
}
template <class... T>
void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader& from, std::tuple<T...>& t) {
  std::apply([&](auto&... x) { (void(from(x)), ...); }, t);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::complex<T>& z) {
  to(z.real(), z.imag());
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::complex<T>& z) {
  T re{}, im{};
  from(re, im);
  z = {re, im};
}
template <class R, class P>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::chrono::duration<R, P>& d) {
  to(d.count());
}
template <class R, class P>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::chrono::duration<R, P>& d) {
  R count{};
  from(count);
  d = std::chrono::duration<R, P>{count};
}
template <class C, class D>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::chrono::time_point<C, D>& t) {
  to(t.time_since_epoch());
}
template <class C, class D>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::chrono::time_point<C, D>& t) {
  D since{};
  from(since);
  t = std::chrono::time_point<C, D>{since};
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::optional<T>& x) {
  to.put(x.has_value());
  if (x) to(*x);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::optional<T>& x) {
  if (from.get<bool>()) from(x.emplace());
  else x.reset();
}
inline void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer&, std::monostate&) {}
inline void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader&, std::monostate&) {}
template <class First, class... T>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const std::variant<First, T...>& v) {
  if (v.valueless_by_exception()) throw troupe::encode_error{"a variant without a value"};
  to.put(static_cast<std::uint32_t>(v.index()));
  std::visit([&](const auto& x) { to(x); }, v);
}
template <class First, class... T>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, std::variant<First, T...>& v) {
  const auto index = from.get<std::uint32_t>();
  if (index > sizeof...(T)) troupe::detail::throw_bad_value("a variant's index", index);
  troupe::detail::load_alternative(from, v, index, std::index_sequence_for<First, T...>{});
}

// --- aggregates without a serialize of their own --------------------------------------------
template <troupe::detail::reflected T>
void CEREAL_SAVE_FUNCTION_NAME(troupe::writer& to, const T& x) {
  troupe::detail::for_each_field(x, [&](const auto& field) { to(field); });
}
template <troupe::detail::reflected T>
void CEREAL_LOAD_FUNCTION_NAME(troupe::reader& from, T& x) {
  troupe::detail::for_each_field(x, [&](auto& field) { from(field); });
}

// --- never: who points where means nothing in another process -------------------------------
#define TROUPE_REFUSED(TYPE)                                                            \
  template <class T>                                                                    \
  void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::writer&, TYPE&) {                         \
    static_assert(sizeof(T) == 0, "troupe: a smart pointer cannot be sent; send the object"); \
  }                                                                                     \
  template <class T>                                                                    \
  void CEREAL_SERIALIZE_FUNCTION_NAME(troupe::reader&, TYPE&) {                         \
    static_assert(sizeof(T) == 0, "troupe: a smart pointer cannot be sent; send the object"); \
  }
TROUPE_REFUSED(std::shared_ptr<T>)
TROUPE_REFUSED(std::unique_ptr<T>)
TROUPE_REFUSED(std::weak_ptr<T>)
#undef TROUPE_REFUSED

}  // namespace cereal

CEREAL_SETUP_ARCHIVE_TRAITS(troupe::reader, troupe::writer)
