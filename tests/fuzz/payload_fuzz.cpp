// Any bytes, read as every kind of value. The first byte picks the type. What is accepted is
// encoded and read again: canonical values give the very same bytes, others an equal value.
#include "tests/fuzz/kitchen_sink.hpp"

#include <troupe/callable.hpp>
#include <troupe/function.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

using bytes = std::span<const std::byte>;

template <class T>
void canonical(bytes in) {
  try {
    const auto value = troupe::decode<T>(in);
    const auto out = troupe::detail::encoded(value);
    if (!std::ranges::equal(out.view(), in)) std::abort();
  } catch (const troupe::decode_error&) {
  }
}

template <class T>
void equal(bytes in) {
  try {
    const auto value = troupe::decode<T>(in);
    const auto out = troupe::detail::encoded(value);
    if (!(troupe::decode<T>(out.view()) == value)) std::abort();
  } catch (const troupe::decode_error&) {
  }
}

std::size_t total(std::string_view text, std::span<const double> numbers, std::vector<bool> bits,
                  const kitchen::pixel& p) {
  return text.size() + numbers.size() + bits.size() + p.lit;
}

// Arguments of a slice of calls, as a worker reads them.
void call(bytes in) {
  using callable = troupe::detail::static_callable<total>;
  troupe::detail::slice_cursor cursor;
  cursor.reset(3);
  troupe::detail::buffer results;
  troupe::detail::buffer_sink to{results};
  troupe::writer out{to};
  troupe::reader args{in};
  troupe::detail::batch b{cursor, args, out};
  callable::run(b);
  if (b.items() != 3) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto in = std::as_bytes(std::span{data, size}).subspan(1);
  switch (data[0] % 9) {
    case 0: canonical<kitchen::canonical>(in); break;
    case 1: canonical<kitchen::scalars>(in); break;
    case 2: canonical<kitchen::sequences>(in); break;
    case 3: canonical<kitchen::choices>(in); break;
    case 4: canonical<kitchen::sorted>(in); break;
    case 5: canonical<kitchen::tree>(in); break;
    case 6: equal<kitchen::loose>(in); break;
    case 7: canonical<std::vector<troupe::function<int(int)>>>(in); break;
    case 8: call(in); break;
  }
  return 0;
}
