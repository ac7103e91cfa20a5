// register_exception<E>(): lets an exception of your own cross from a task to the caller.
#pragma once

#include <troupe/detail/throw_as.hpp>
#include <troupe/portable.hpp>

namespace troupe {

namespace detail {

/// One exception type that is sent whole. Static, registered before main runs.
struct exception_entry {
  exception_entry(const char* name, bool (*save)(writer&),
                  void (*raise)(reader&, task_error::facts)) noexcept;
  const char* name;                            ///< mangled
  bool (*save)(writer&);                       ///< of the exception being handled; false: not mine
  void (*raise)(reader&, task_error::facts);   ///< always throws
  exception_entry* next;
};

template <class E>
struct portable_exception {
  static bool save(writer& to) {
    try {
      throw;
    } catch (const E& e) {
      encode(to, e);
      return true;
    } catch (...) {
      return false;
    }
  }
  static void raise(reader& from, task_error::facts facts) {
    E e{};
    decode(from, e);
    from.finish();
    throw_as(std::move(e), task_error{std::move(facts)});
  }
  static inline exception_entry entry{typeid(E).name(), &save, &raise};
};

/// Writes the exception being handled, whatever it is.
void save_current_exception(writer& to);
/// Reads one back, as a task_error and, where possible, as the type it was. Never throws: bytes
/// that make no sense give a decode_error.
std::exception_ptr load_exception(reader& from, const std::string& worker, int pid) noexcept;

}  // namespace detail

/// From now on an E thrown by a task arrives as E and as task_error, data and all, wherever the
/// task ran. E is portable (for a class derived from std::exception: default-constructible, with
/// `serialize`). Write it anywhere in the program: naming it is enough, it need not be executed
/// in the worker.
template <class E>
bool register_exception() {
  static_assert(detail::check_portable<E>::value);
  return detail::portable_exception<E>::entry.name != nullptr;
}

}  // namespace troupe
