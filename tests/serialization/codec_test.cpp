// One table of values and their bytes: format version 1 must never change by accident.
#include "tests/serialization/bytes.hpp"

#include <functional>
#include <limits>
#include <memory>

namespace {

using namespace std::string_literals;

struct point {
  double x, y;
  bool operator==(const point&) const = default;
};
struct nothing {
  bool operator==(const nothing&) const = default;
};
struct with_serialize {
  int a = 0;
  std::string b;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(a, b);
  }
  bool operator==(const with_serialize&) const = default;
};
struct with_save_and_load {
  std::uint16_t n = 0;
  template <class Archive>
  void save(Archive& ar) const {
    ar(static_cast<std::uint16_t>(n + 1));
  }
  template <class Archive>
  void load(Archive& ar) {
    ar(n);
    --n;
  }
  bool operator==(const with_save_and_load&) const = default;
};
enum class color : std::uint16_t { red = 1, blue = 0x0203 };

/// One value: its bytes in version 1, and how to read it back.
struct sample {
  std::string name;
  std::string hex;
  bytes::block written;
  std::function<bool(bytes::view)> reads_back;
  std::function<void(bytes::view)> read;
};
void PrintTo(const sample& s, std::ostream* out) { *out << s.name; }

template <class T>
sample of(const char* name, const char* hex, T value) {
  const auto shared = std::make_shared<const T>(std::move(value));
  return {name, hex, bytes::encoded(*shared),
          [shared](bytes::view b) { return troupe::decode<T>(b) == *shared; },
          [](bytes::view b) { troupe::decode<T>(b); }};
}

const sample samples[] = {
    of("false", "00", false),
    of("true", "01", true),
    of("char", "41", 'A'),
    of("int8", "fe", std::int8_t{-2}),
    of("uint16", "0201", std::uint16_t{0x0102}),
    of("int32", "04030201", std::int32_t{0x01020304}),
    of("int64", "feffffffffffffff", std::int64_t{-2}),
    of("uint64", "0807060504030201", std::uint64_t{0x0102030405060708}),
    of("float", "0000803f", 1.0F),
    of("double", "000000000000f03f", 1.0),
    of("infinity", "000000000000f07f", std::numeric_limits<double>::infinity()),
    of("char32", "40f60100", U'\U0001F640'),
    of("enum", "0302", color::blue),
    of("byte", "7f", std::byte{0x7f}),
    of("string", "0300000000000000 616263", "abc"s),
    of("string_with_nul", "0300000000000000 610062", "a\0b"s),
    of("empty_string", "0000000000000000", ""s),
    of("u16string", "0200000000000000 61007a20", u"a\u207a"s),
    of("path", "0300000000000000 2f612f", std::filesystem::path{"/a/"}),
    of("vector_of_int", "0200000000000000 01000000 02000000", std::vector<int>{1, 2}),
    of("vector_of_byte", "0200000000000000 01ff",
       std::vector<std::byte>{std::byte{1}, std::byte{255}}),
    of("vector_of_bool", "0300000000000000 010001", std::vector<bool>{true, false, true}),
    of("vector_of_string", "0200000000000000 0100000000000000 61 0000000000000000",
       std::vector<std::string>{"a", ""}),
    of("vector_of_point", "0100000000000000 000000000000f03f 0000000000000040",
       std::vector<point>{{1, 2}}),
    of("vector_of_empty", "0200000000000000 00 00", std::vector<nothing>(2)),
    of("vector_of_no_field_with_bytes", "0200000000000000 00 00",
       std::vector<std::tuple<nothing, nothing>>(2)),
    of("vector_of_serialized", "0100000000000000 00 05000000 0100000000000000 62",
       std::vector<with_serialize>{{5, "b"}}),
    of("deque", "0200000000000000 0100 0200", std::deque<std::int16_t>{1, 2}),
    of("list", "0200000000000000 0100 0200", std::list<std::int16_t>{1, 2}),
    of("forward_list", "0200000000000000 0100 0200", std::forward_list<std::int16_t>{1, 2}),
    of("array", "0100 0200", std::array<std::int16_t, 2>{1, 2}),
    of("array_of_string", "0100000000000000 61", std::array<std::string, 1>{"a"}),
    of("array_of_none", "", std::array<int, 0>{}),
    of("bitset", "05 02", std::bitset<10>{0x205}),
    of("set", "0200000000000000 01 02", std::set<std::int8_t>{2, 1}),
    of("multiset", "0200000000000000 01 01", std::multiset<std::int8_t>{1, 1}),
    of("unordered_set", "0100000000000000 07", std::unordered_set<std::int8_t>{7}),
    of("unordered_multiset", "0200000000000000 07 07", std::unordered_multiset<std::int8_t>{7, 7}),
    of("map", "0200000000000000 01 0a00 02 1400", std::map<std::int8_t, short>{{2, 20}, {1, 10}}),
    of("multimap", "0200000000000000 01 0a00 01 1400",
       std::multimap<std::int8_t, short>{{1, 10}, {1, 20}}),
    of("unordered_map", "0100000000000000 01 0a00",
       std::unordered_map<std::int8_t, short>{{1, 10}}),
    of("unordered_multimap", "0200000000000000 01 0a00 01 0a00",
       std::unordered_multimap<std::int8_t, short>{{1, 10}, {1, 10}}),
    of("optional", "01 07", std::optional<std::int8_t>{7}),
    of("empty_optional", "00", std::optional<std::int8_t>{}),
    of("variant", "01000000 0100000000000000 61", std::variant<int, std::string>{"a"s}),
    of("variant_of_monostate", "00000000", std::variant<std::monostate, int>{}),
    of("pair", "01 02000000", std::pair<std::int8_t, int>{1, 2}),
    of("tuple", "01 0200 01", std::tuple<std::int8_t, short, bool>{1, 2, true}),
    of("complex", "0000803f 00000040", std::complex<float>{1, 2}),
    of("duration", "0700000000000000", std::chrono::seconds{7}),
    of("time_point", "0700000000000000",
       std::chrono::sys_seconds{std::chrono::seconds{7}}),
    of("aggregate", "000000000000f03f 0000000000000040", point{1, 2}),
    of("empty_class", "", nothing{}),
    of("serialize", "07000000 0100000000000000 78", with_serialize{7, "x"}),
    of("save_and_load", "0800", with_save_and_load{7}),
    of("nested", "0100000000000000 0100000000000000 61 0100000000000000 01 02000000",
       std::map<std::string, std::vector<std::optional<int>>>{{"a", {2}}}),
};

class Codec : public testing::TestWithParam<sample> {};
INSTANTIATE_TEST_SUITE_P(Of, Codec, testing::ValuesIn(samples),
                         [](const auto& info) { return info.param.name; });

TEST_P(Codec, TheBytesAreThoseOfFormatVersionOne) {
  EXPECT_EQ(bytes::hex(GetParam().written), bytes::hex(bytes::from_hex(GetParam().hex)));
}

TEST_P(Codec, TheValueComesBack) { EXPECT_TRUE(GetParam().reads_back(GetParam().written)); }

TEST_P(Codec, BytesCutAnywhereAreRefused) {
  const bytes::view whole = GetParam().written;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = bytes::exactly(whole.first(n));
    EXPECT_THROW(GetParam().read(cut), troupe::decode_error) << n << " of " << whole.size();
  }
}

TEST_P(Codec, AByteTooManyIsRefused) {
  auto longer = GetParam().written;
  longer.push_back({});
  EXPECT_THROW(GetParam().read(longer), troupe::decode_error);
}

TEST_P(Codec, EveryFlippedBitGivesAValueOrADecodeError) {
  for (std::size_t i = 0; i < GetParam().written.size() * 8; ++i) {
    auto changed = GetParam().written;
    changed[i / 8] ^= std::byte{1} << i % 8;
    try {
      GetParam().read(changed);
    } catch (const troupe::decode_error&) {
    }
  }
}

TEST(Codec, NotANumberKeepsItsBits) {
  for (const std::uint64_t bits :
       {0x7ff8000000000001U, 0x7ff0000000000001U, 0x8000000000000000U}) {
    const auto back = troupe::decode<double>(bytes::encoded(std::bit_cast<double>(bits)));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), bits);
  }
}

TEST(Codec, ReadingReplacesWhatTheValueHeld) {
  std::map<int, std::string> value{{9, "old"}};
  const auto in = bytes::encoded(std::map<int, std::string>{{1, "new"}});
  troupe::reader from{in};
  troupe::decode(from, value);
  EXPECT_EQ(value, (std::map<int, std::string>{{1, "new"}}));
}

TEST(Codec, ValuesFollowEachOtherInOneBuffer) {
  troupe::detail::buffer b;
  troupe::detail::buffer_sink to{b};
  troupe::writer out{to};
  troupe::encode(out, 1);
  troupe::encode(out, "two"s);
  to.done();
  troupe::reader in{b.view()};
  int one = 0;
  std::string two;
  troupe::decode(in, one);
  troupe::decode(in, two);
  in.finish();
  EXPECT_EQ(one, 1);
  EXPECT_EQ(two, "two");
}

}  // namespace
