// What can be called: a function as template argument, a captureless lambda, a portable function
// object, a function<R(Args...)>. Naming one in a call registers it in every program that
// contains the call; there is no macro and no registration by hand.
#pragma once

#include <troupe/detail/batch.hpp>
#include <troupe/portable.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <string>
#include <typeinfo>

namespace troupe {

namespace detail {

/// One callable of this program, in the table of all. Static, registered before main runs.
struct callable_entry {
  callable_entry(const char* name, const char* signature, void (*target)()) noexcept;
  callable_entry(const callable_entry&) = delete;
  callable_entry& operator=(const callable_entry&) = delete;

  const char* name;        ///< mangled, with its parameter types
  const char* signature;   ///< of `target`, mangled
  void (*target)();        ///< cast back by whoever knows the signature
  /// The number it goes by on the wire: the same in every program that links it. Of two local
  /// functions of one name the later registered gets another number: the order is that of the
  /// program's own files, so it is the same in every process of that program.
  std::uint64_t key = 0;
  bool ambiguous = false;  ///< it has such a namesake
  callable_entry* next = nullptr;
};

/// Null if this program has no such callable, or one of another signature. Thread-safe.
const callable_entry* find_callable(std::uint64_t key, const char* signature) noexcept;
/// For people: `fib`.
std::string display_name(const callable_entry&);

using run_batch = void (*)(batch&);
inline const callable_entry* find_batch(std::uint64_t key) noexcept {
  return find_callable(key, typeid(run_batch).name());
}

template <class Sig>
struct signature_of;
template <class R, class... P>
struct signature_of<R(P...)> {
  using type = R(P...);
};
template <class R, class... P>
struct signature_of<R(P...) noexcept> : signature_of<R(P...)> {};
template <class R, class... P>
struct signature_of<R (*)(P...)> : signature_of<R(P...)> {};
template <class R, class... P>
struct signature_of<R (*)(P...) noexcept> : signature_of<R(P...)> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...)> : signature_of<R(P...)> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const> : signature_of<R(P...)> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) noexcept> : signature_of<R(P...)> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const noexcept> : signature_of<R(P...)> {};

// --- a parameter on its way -----------------------------------------------------------------
template <class P>
struct param {  // by value, const T&, T&&
  using value = std::remove_cvref_t<P>;
  static_assert(!(std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>),
                "troupe: a parameter that is a reference to non-const would change a copy in the "
                "worker: take it by value or const&, and return what changed");
  static_assert(check_portable<value>::value);
  value held{};
  template <class A>
  static void save(writer& to, const A& arg) {
    if constexpr (std::is_same_v<A, value>) encode(to, arg);
    else encode(to, static_cast<const value&>(convert(arg)));
  }
  void load(reader& from) { decode(from, held); }
  decltype(auto) pass() { return static_cast<std::conditional_t<std::is_reference_v<P>, P, P&&>>(held); }

 private:
  template <class A>
  static value convert(const A& arg) {
    static_assert(std::is_convertible_v<const A&, value> || std::is_constructible_v<value, const A&>,
                  "troupe: this argument does not convert to the parameter's type");
    return static_cast<value>(arg);
  }
};
template <>
struct param<std::string_view> {
  std::string_view held;
  static void save(writer& to, std::string_view s) {
    to.put_size(s.size());
    to.put(s.data(), s.size());
  }
  void load(reader& from) {
    const auto n = from.get_size(1);
    held = {reinterpret_cast<const char*>(from.take(n)), n};
  }
  std::string_view pass() const { return held; }
};
template <>
struct param<const std::string_view&> : param<std::string_view> {
  const std::string_view& pass() const { return held; }
};
template <class T>
struct param<std::span<const T>> {
  static_assert(plain_element<T>,
                "troupe: a span parameter views the received bytes: its elements must be numbers; "
                "take a const std::vector<T>& instead");
  std::span<const T> held;
  std::vector<T> aligned;  // only if the bytes do not lie as T wants them
  static void save(writer& to, std::span<const T> xs) {
    to.put_size(xs.size());
    to.put(xs.data(), xs.size_bytes());
  }
  void load(reader& from) {
    const auto n = from.get_size(sizeof(T));
    const auto bytes = from.take(n * sizeof(T));
    if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(T) == 0) {
      held = {reinterpret_cast<const T*>(bytes), n};
    } else {
      aligned.resize(n);
      if (n != 0) std::memcpy(aligned.data(), bytes, n * sizeof(T));
      held = aligned;
    }
  }
  std::span<const T> pass() const { return held; }
};

// --- the two kinds of callable --------------------------------------------------------------
template <class R>
constexpr bool check_result() {
  if constexpr (std::is_void_v<R>) return true;
  else return check_portable<R>::value;
}

template <class Call, class Sig>
struct call_with;
template <class Call, class R, class... P>
struct call_with<Call, R(P...)> {
  using result = std::remove_cvref_t<R>;
  static constexpr std::size_t arity = sizeof...(P);
  static_assert(check_result<std::remove_cv_t<R>>());

  template <class... A>
  static void save_args(writer& to, const A&... args) {
    static_assert(sizeof...(A) == sizeof...(P),
                  "troupe: this function takes another number of arguments");
    if constexpr (sizeof...(A) == sizeof...(P)) (param<P>::save(to, args), ...);
  }

  static void run(batch& b) {
    std::optional<typename Call::state> self;
    bool reading = false;
    std::exception_ptr unreadable;  // where the next item starts is then unknown: all fail alike
    while (b.next()) {
      try {
        if (unreadable) std::rethrow_exception(unreadable);
        reading = true;
        if (!self) {
          self.emplace();
          if constexpr (!Call::stateless) decode(b.args, self->held);
        }
        // Not a tuple: the order of decoding is the order of the parameters.
        [&]<std::size_t... I>(std::index_sequence<I...>) {
          std::tuple<param<P>...> args;
          (std::get<I>(args).load(b.args), ...);
          reading = false;
          b.begin_item();
          if constexpr (std::is_void_v<result>) {
            (*self)(std::get<I>(args).pass()...);
          } else {
            decltype(auto) value = (*self)(std::get<I>(args).pass()...);
            encode(b.out, static_cast<const result&>(value));
          }
        }(std::index_sequence_for<P...>{});
        b.commit();
      } catch (...) {
        if (reading) unreadable = std::current_exception();
        b.out.restart();
        b.fail();
      }
    }
  }
};

/// A function, or a stateless object, as template argument.
template <auto F>
struct static_call {
  static constexpr bool stateless = true;
  struct state {
    template <class... A>
    decltype(auto) operator()(A&&... a) const { return F(std::forward<A>(a)...); }
  };
};
template <auto F>
struct static_signature : signature_of<decltype(F)> {};
template <auto F>
  requires std::is_class_v<decltype(F)>
struct static_signature<F> : signature_of<decltype(&decltype(F)::operator())> {};

/// A function object: its data goes ahead of the arguments.
template <class Fn>
struct object_call {
  static constexpr bool stateless = std::is_empty_v<Fn>;
  struct state {
    Fn held{};
    template <class... A>
    decltype(auto) operator()(A&&... a) { return std::invoke(held, std::forward<A>(a)...); }
  };
};
template <class Fn, class... A>
struct object_signature {  // overloaded or generic: by the arguments at hand
  using type = std::invoke_result_t<Fn&, std::decay_t<A>...>(std::decay_t<A>...);
};
template <class Fn, class... A>
  requires requires { &Fn::operator(); }
struct object_signature<Fn, A...> : signature_of<decltype(&Fn::operator())> {};

template <class Call, class Sig>
struct callable_name {};  // its own name, as a type, is the callable's name

/// One callable with its exact signature; naming `entry` registers it.
template <class Call, class Sig>
struct registered : call_with<Call, Sig> {
  static inline callable_entry entry{
      typeid(callable_name<Call, Sig>).name(), typeid(run_batch).name(),
      reinterpret_cast<void (*)()>(static_cast<run_batch>(&call_with<Call, Sig>::run))};
};

template <auto F>
using static_callable = registered<static_call<F>, typename static_signature<F>::type>;

template <class Fn>
constexpr bool check_function_object() {
  static_assert(std::is_class_v<Fn>,
                "troupe: give a function as template argument, submit<f>(…): a function pointer "
                "means nothing in another process");
  static_assert(!std::is_class_v<Fn> || is_portable_v<Fn>,
                "troupe: a callable with captures or other unportable data cannot be sent: use a "
                "captureless lambda and pass arguments, or a function object with `serialize`");
  return is_portable_v<Fn>;
}
template <class Fn, class... A>
struct object_callable_of {
  static_assert(check_function_object<Fn>());
  using type = registered<object_call<Fn>, typename object_signature<Fn, A...>::type>;
};
template <class Fn, class... A>
using object_callable = typename object_callable_of<Fn, A...>::type;

template <class Fn>
void save_object(writer& to, const Fn& fn) {
  if constexpr (!object_call<Fn>::stateless) encode(to, fn);
}

}  // namespace detail
}  // namespace troupe
