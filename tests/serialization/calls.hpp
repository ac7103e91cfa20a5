// Verbs of the tests of callables: a slice of calls, run as a worker runs it.
#pragma once

#include "tests/serialization/bytes.hpp"

#include <troupe/callable.hpp>
#include <troupe/exception.hpp>

#include <tuple>

namespace calls {

using troupe::detail::batch;
using troupe::detail::callable_entry;

/// The results of one run: per item its status and its bytes, all in one.
struct outcome {
  bytes::block results;
  std::uint32_t items = 0;
  std::uint32_t first_error = batch::no_error;
};

inline outcome run(const callable_entry& entry, bytes::view args, std::uint32_t items) {
  troupe::detail::slice_cursor cursor;
  cursor.reset(items);
  troupe::detail::buffer results;
  troupe::detail::buffer_sink to{results};
  troupe::writer out{to};
  troupe::reader in{args};
  batch b{cursor, in, out};
  const auto* found = troupe::detail::find_batch(entry.key);
  if (found != nullptr) reinterpret_cast<troupe::detail::run_batch>(found->target)(b);
  to.done();
  return {bytes::exactly(results.view()), b.items(), b.first_error()};
}

/// The arguments of one call, as the caller writes them.
template <class Callable, class... A>
bytes::block args(const A&... a) {
  troupe::detail::buffer b;
  troupe::detail::buffer_sink to{b};
  troupe::writer out{to};
  Callable::save_args(out, a...);
  to.done();
  return bytes::exactly(b.view());
}

/// Reads the results one after the other.
class results {
 public:
  explicit results(const outcome& o) : bytes_(o.results), in_(bytes_) {}
  template <class T>
  T value() {
    EXPECT_EQ(in_.get<std::uint8_t>(), 0);
    T v{};
    troupe::decode(in_, v);
    return v;
  }
  std::exception_ptr error() {
    EXPECT_EQ(in_.get<std::uint8_t>(), 1);
    return troupe::detail::load_exception(in_, "w", 1);
  }
  bool done() const { return in_.remaining() == 0; }

 private:
  bytes::block bytes_;
  troupe::reader in_;
};

template <class R, class Callable, class... A>
R call(const A&... a) {
  results r{run(Callable::entry, args<Callable>(a...), 1)};
  return r.value<R>();
}

}  // namespace calls
