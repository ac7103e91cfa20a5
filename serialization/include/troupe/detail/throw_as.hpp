// An exception that is two things at once: what a task threw and what it means to the caller.
//
// `struct both : std::out_of_range, task_error` has two std::exception bases, so that by the rules
// of the language `catch (const std::exception&)` would not match it, and the program would end.
// The Itanium C++ ABI, which GCC and Clang share, asks the *thrown* type's type_info whether it
// converts to the handler's type; so the exception is thrown with a type_info that, where the
// question is ambiguous, answers with the half that is Troupe's.
#pragma once

#include <cxxabi.h>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace troupe::detail {

template <class Foreign, class Ours>
class both final : public Foreign, public Ours {
 public:
  both(Foreign f, Ours o) : Foreign(std::move(f)), Ours(std::move(o)) {}
  const char* what() const noexcept final { return Ours::what(); }
};

template <class Whole, class Ours>
class two_faced_type final : public abi::__class_type_info {
 public:
  two_faced_type() : __class_type_info(typeid(Whole).name()) {}

  bool __do_upcast(const __class_type_info* handler, void** object) const override {
    const std::type_info& wanted = *handler;  // through the public face: the other is protected
    if (wanted.__do_catch(&typeid(Whole), object, 1)) return true;
    void* half = static_cast<Ours*>(static_cast<Whole*>(*object));
    if (!wanted.__do_catch(&typeid(Ours), &half, 1)) return false;
    *object = half;
    return true;
  }
};

/// Throws what is caught as `Foreign`, as `Ours`, and as any base of either.
template <class Foreign, class Ours>
[[noreturn]] void throw_as(Foreign foreign, Ours ours) {
  if constexpr (std::is_base_of_v<Foreign, Ours>) {
    throw Ours{std::move(ours)};
  } else if constexpr (std::is_final_v<Foreign> || std::is_base_of_v<Ours, Foreign>) {
    throw Foreign{std::move(foreign)};
  } else {
    using Whole = both<Foreign, Ours>;
    static two_faced_type<Whole, Ours> type;
    void* memory = abi::__cxa_allocate_exception(sizeof(Whole));
    try {
      new (memory) Whole(std::move(foreign), std::move(ours));
    } catch (...) {
      abi::__cxa_free_exception(memory);
      throw;
    }
    abi::__cxa_throw(memory, &type, [](void* p) { std::destroy_at(static_cast<Whole*>(p)); });
  }
}

}  // namespace troupe::detail
