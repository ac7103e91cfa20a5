#pragma once

#include <troupe/detail/wait.hpp>
#include <troupe/exception.hpp>

#include <mutex>
#include <optional>

namespace troupe {

enum class future_state : std::uint8_t;
struct receipt;

namespace detail {

// What future<T> needs of a job, whatever its type.
future_state state_of(job& j);
bool cancel(job& j, bool kill);
double progress_of(job& j);
receipt receipt_of(const job& j);
bool has_error(const job& j);
void call_when_done(job& j, std::function<void()> fn);
[[noreturn]] void throw_not_yet(job& j, duration timeout);
[[noreturn]] void throw_unfinished(std::size_t unfinished, std::size_t all);
/// Where the task ran, for its errors.
[[noreturn]] void throw_item_error(const job& j, reader& from);

/// Reads one item: its value, or throws its error.
template <class R>
R load_item(const job& j, reader& from) {
  const auto status = from.get<std::uint8_t>();
  if (status == static_cast<std::uint8_t>(item_status::error)) throw_item_error(j, from);
  if (status != 0) throw_bad_value("an item's status", status);
  if constexpr (!std::is_void_v<R>) {
    R value{};
    decode(from, value);
    return value;
  }
}

/// A job whose outcome is a T. Decoding is the waiting thread's work, and done when first asked.
template <class T>
class typed_job : public job {
 public:
  using job::job;

  /// Once done. Throws the error.
  decltype(auto) value() {
    if constexpr (std::is_void_v<T>) {
      load();
    } else {
      std::call_once(once_, [this] { value_.emplace(load()); });
      return static_cast<const T&>(*value_);
    }
  }
  /// The same as a value of its own. The bytes are kept, so that it can be had any number of times.
  T take() {
    return load();
  }

 protected:
  virtual T load() = 0;

 private:
  std::once_flag once_;
  std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value_;
};

template <class R>
class single_job final : public typed_job<R> {
 public:
  using typed_job<R>::typed_job;

 protected:
  R load() override {
    if (this->error) std::rethrow_exception(this->error);
    reader from{this->result.view()};
    if constexpr (std::is_void_v<R>) {
      load_item<R>(*this, from);
      from.finish();
    } else {
      R value = load_item<R>(*this, from);
      from.finish();
      return value;
    }
  }
};

/// What a map gives: a vector, or nothing.
template <class R>
struct mapped {
  using type = std::vector<R>;
};
template <>
struct mapped<void> {
  using type = void;
};
template <class R>
using mapped_t = typename mapped<R>::type;

/// Calls each(reader at its result, error or null) for every item in input order, and end(reader)
/// behind each run of results.
template <class Each, class End>
void for_each_item(const job& j, Each&& each, End&& end) {
  if (j.items == 1) {
    reader from{j.result.view()};
    each(from, j.error);
    return end(from);
  }
  for (const auto& s : j.segments) {
    reader from{s.bytes.view()};
    for (std::uint32_t i = 0; i < s.count; ++i) each(from, s.error);
    end(from);
  }
}

template <class R>
class map_job final : public typed_job<mapped_t<R>> {
 public:
  using typed_job<mapped_t<R>>::typed_job;

 protected:
  mapped_t<R> load() override {
    const auto next = [this](reader& from, const std::exception_ptr& error) -> R {
      if (error) std::rethrow_exception(error);
      return load_item<R>(*this, from);
    };
    const auto end = [](reader& from) { from.finish(); };
    if constexpr (std::is_void_v<R>) {
      for_each_item(*this, next, end);
    } else {
      std::vector<R> all;
      all.reserve(this->items);
      for_each_item(*this, [&](reader& from, const std::exception_ptr& error) {
        all.push_back(next(from, error));
      }, end);
      return all;
    }
  }
};

/// Items in chunks, for a stream: it takes them out one by one.
class chunk_job final : public job {
 public:
  using job::job;
};

}  // namespace detail
}  // namespace troupe
