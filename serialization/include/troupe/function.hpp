// function<R(Args...)>: a reference to a function that can be sent, stored, compared and called.
#pragma once

#include <troupe/callable.hpp>

#include <memory>

namespace troupe {

template <class Sig>
class function;

namespace detail {
template <class Call, class Sig>
struct function_target;
template <class Call, class R, class... P>
struct function_target<Call, R(P...)> {
  static R invoke(const buffer& state, P... args) {
    typename Call::state self{};
    if constexpr (!Call::stateless) {
      reader from{state.view()};
      decode(from, self.held);
      from.finish();
    }
    return static_cast<R>(self(std::forward<P>(args)...));
  }
  using pointer = R (*)(const buffer&, P...);
  static inline callable_entry entry{typeid(callable_name<Call, pointer>).name(),
                                     typeid(pointer).name(),
                                     reinterpret_cast<void (*)()>(&function_target::invoke)};
};
}  // namespace detail

/// Refers to a function (`troupe::fn<f>`), a captureless lambda or a portable function object,
/// whose data it carries along. Small, copyable, portable. Calling an empty one, or one whose
/// function this program does not have, throws unknown_function.
template <class R, class... P>
class function<R(P...)> {
 public:
  constexpr function() noexcept = default;
  template <auto F>
  static constexpr function of() noexcept {
    function f;
    f.entry_ = &detail::function_target<detail::static_call<F>, R(P...)>::entry;
    return f;
  }
  template <class Fn>
    requires(!std::is_same_v<std::remove_cvref_t<Fn>, function> &&
             std::is_class_v<std::remove_cvref_t<Fn>> &&
             std::is_invocable_r_v<R, std::remove_cvref_t<Fn>&, P...>)
  function(Fn&& object) {  // NOLINT: implicit, as std::function
    using Object = std::remove_cvref_t<Fn>;
    static_assert(detail::check_function_object<Object>());
    entry_ = &detail::function_target<detail::object_call<Object>, R(P...)>::entry;
    if constexpr (!detail::object_call<Object>::stateless)
      state_ = std::make_shared<detail::buffer>(detail::encoded(object));
  }

  explicit operator bool() const noexcept { return key() != 0; }

  R operator()(P... args) const {
    if (entry_ == nullptr) missing();
    static const detail::buffer none{};
    return reinterpret_cast<pointer>(entry_->target)(state_ ? *state_ : none,
                                                     std::forward<P>(args)...);
  }

  /// For people: `fib`.
  std::string name() const { return entry_ != nullptr ? detail::display_name(*entry_) : ""; }

  /// Equal if they call the same function with the same data.
  friend bool operator==(const function& a, const function& b) {
    return a.key() == b.key() && a.bytes() == b.bytes();
  }

  template <class Archive>
  void save(Archive& to) const {
    to(key(), bytes());
  }
  template <class Archive>
  void load(Archive& from) {
    std::string state;
    from(key_, state);
    entry_ = detail::find_callable(key_, typeid(pointer).name());
    state_.reset();
    if (!state.empty()) {
      state_ = std::make_shared<detail::buffer>();
      state_->append(std::as_bytes(std::span{state}));
    }
  }

 private:
  using pointer = R (*)(const detail::buffer&, P...);

  std::uint64_t key() const noexcept { return entry_ != nullptr ? entry_->key : key_; }
  std::string bytes() const {
    if (!state_) return {};
    return {reinterpret_cast<const char*>(state_->data()), state_->size()};
  }
  [[noreturn]] void missing() const {
    throw unknown_function{key_ == 0 ? "an empty troupe::function was called"
                                     : "this program does not have the function that a received "
                                       "troupe::function refers to: link it here, too"};
  }

  const detail::callable_entry* entry_ = nullptr;
  std::uint64_t key_ = 0;  // as received, if this program has no such function
  std::shared_ptr<detail::buffer> state_;  // never changed once made, so that copies share it
};

/// A function<R(Args...)> that refers to F: `troupe::function<int(int)> f = troupe::fn<twice>;`
template <auto F>
inline const function<typename detail::static_signature<F>::type> fn =
    function<typename detail::static_signature<F>::type>::template of<F>();

}  // namespace troupe
