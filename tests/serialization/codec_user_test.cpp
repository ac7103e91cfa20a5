// Types of the user's own: what their code may throw, aggregates, versions, what is portable.
#include "tests/serialization/bytes.hpp"

#include <cereal/types/base_class.hpp>
#include <gmock/gmock.h>
#include <troupe/function.hpp>
#include <troupe/portable.hpp>

#include <atomic>
#include <new>

namespace {

using testing::HasSubstr;
using troupe::is_portable_v;

// --- exceptions of the user's code ----------------------------------------------------------
struct speechless : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

struct thrower {
  void (*act)() = [] {};
  int at = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    for (int i = 0; i < 4; ++i) {
      if (i == at) act();
      ar(i);
    }
  }
};
void (*act_on_load)() = [] {};
struct load_thrower {
  template <class Archive>
  void save(Archive& ar) const {
    ar(1);
  }
  template <class Archive>
  void load(Archive& ar) {
    int i = 0;
    ar(i);
    act_on_load();
  }
};

template <class Error>
std::string nested_in(const Error& e) {
  try {
    std::rethrow_if_nested(e);
  } catch (const std::exception& inner) {
    return inner.what() != nullptr ? inner.what() : "(null)";
  } catch (...) {
    return "(something else)";
  }
  return "(nothing)";
}

std::pair<std::string, std::string> encoding_says(void (*act)(), int at = 0) {
  try {
    bytes::encoded(thrower{act, at});
  } catch (const troupe::encode_error& e) {
    return {e.what(), nested_in(e)};
  }
  return {};
}
std::pair<std::string, std::string> decoding_says(void (*act)()) {
  act_on_load = act;
  try {
    troupe::decode<load_thrower>(bytes::encoded(load_thrower{}));
  } catch (const troupe::decode_error& e) {
    return {e.what(), nested_in(e)};
  }
  return {};
}

TEST(UserCode, ThatThrowsWhileItIsEncodedGivesAnEncodeErrorWithTheCauseNested) {
  for (int at = 0; at < 4; ++at) {
    const auto [what, nested] = encoding_says([] { throw std::logic_error{"bad day"}; }, at);
    EXPECT_EQ(what, "a value could not be encoded: bad day");
    EXPECT_EQ(nested, "bad day");
  }
  EXPECT_EQ(encoding_says([] { throw std::bad_alloc{}; }).second, "std::bad_alloc");
  EXPECT_EQ(encoding_says([] { throw 1; }).second, "(something else)");
}

TEST(UserCode, ThatThrowsWhileItIsDecodedGivesADecodeErrorWithTheCauseNested) {
  const auto [what, nested] = decoding_says([] { throw std::logic_error{"bad day"}; });
  EXPECT_EQ(what, "bytes could not be decoded: bad day");
  EXPECT_EQ(nested, "bad day");
  EXPECT_EQ(decoding_says([] { throw 1; }).second, "(something else)");
}

TEST(UserCode, MayThrowTroupesOwnErrorsWhichAreNotWrapped) {
  EXPECT_EQ(encoding_says([] { throw troupe::encode_error{"no"}; }),
            (std::pair<std::string, std::string>{"no", "(nothing)"}));
  EXPECT_EQ(decoding_says([] { throw troupe::decode_error{"no"}; }),
            (std::pair<std::string, std::string>{"no", "(nothing)"}));
}

TEST(UserCode, MayThrowWhatHasNothingToSay) {
  EXPECT_THAT(encoding_says([] { throw speechless{}; }).first, HasSubstr("nullptr"));
  EXPECT_THAT(decoding_says([] { throw speechless{}; }).first, HasSubstr("nullptr"));
}

// --- aggregates -----------------------------------------------------------------------------
struct inner {
  int n = 1;
  std::string s = "x";
  bool operator==(const inner&) const = default;
};
struct of_all_kinds {
  std::optional<int> a;
  std::variant<int, std::string> b;
  std::filesystem::path c;
  std::tuple<int, double> d;
  std::pair<inner, int> e;
  troupe::function<int(int)> f;
  std::map<int, inner> g;
  std::vector<std::byte> h;
  inner i;
  std::chrono::seconds j{};
  std::complex<double> k;
  std::array<inner, 2> l;
  std::bitset<3> m;
  std::u32string n;
  std::optional<std::string> o;
  std::vector<inner> p;
  bool operator==(const of_all_kinds&) const = default;
};
struct one_field {
  std::vector<int> only;
  bool operator==(const one_field&) const = default;
};
struct seventeen_fields {
  int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};

TEST(Aggregate, OfSixteenFieldsOfAllKindsComesBack) {
  of_all_kinds v;
  v.b = "text";
  v.e = {{2, "e"}, 3};
  v.g[4] = {5, "g"};
  v.l[1].n = 6;
  v.p.resize(3);
  EXPECT_EQ(troupe::decode<of_all_kinds>(bytes::encoded(v)), v);
}

TEST(Aggregate, OfOneFieldComesBack) {
  EXPECT_EQ(troupe::decode<one_field>(bytes::encoded(one_field{{1, 2}})), (one_field{{1, 2}}));
}

// --- what cereal offers ---------------------------------------------------------------------
struct base {
  int b = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(b);
  }
};
struct derived : base {
  int numbers[2][2] = {};
  bool flags[2] = {};
  std::string names[2];
  template <class Archive>
  void serialize(Archive& ar) {
    ar(cereal::base_class<base>(this), CEREAL_NVP(numbers), flags, names);
  }
};

TEST(Cereal, BaseClassesNamesAndArraysWorkAsUsual) {
  derived v;
  v.b = 7;
  v.numbers[1][0] = 8;
  v.flags[1] = true;
  v.names[0] = "n";
  const auto in = bytes::encoded(v);
  EXPECT_EQ(in, bytes::from_hex("07000000 0000000000000000 0800000000000000 0001"
                                "0100000000000000 6e 0000000000000000"));
  EXPECT_EQ(troupe::decode<derived>(in).names[0], "n");
}

TEST(Cereal, ABoolInAnArrayIsZeroOrOne) {
  auto in = bytes::encoded(derived{});
  in[20] = std::byte{2};
  EXPECT_THROW(troupe::decode<derived>(in), troupe::decode_error);
}

struct versioned {
  int n = 0;
  std::uint32_t seen = 0;
  template <class Archive>
  void serialize(Archive& ar, std::uint32_t version) {
    if (n < 0) throw std::runtime_error{"negative"};
    seen = version;
    ar(n);
  }
};

TEST(Cereal, AVersionLeadsEveryValueSoThatEachCanBeReadAlone) {
  troupe::detail::buffer b;
  troupe::detail::buffer_sink to{b};
  troupe::writer out{to};
  EXPECT_THROW(troupe::encode(out, versioned{-1}), troupe::encode_error);
  to.cur = to.begin;
  out.restart();
  for (int i = 1; i <= 3; ++i) troupe::encode(out, std::vector<versioned>{{i}, {i}});
  to.done();
  const auto each = b.size() / 3;
  for (int i = 1; i <= 3; ++i) {
    const auto alone = b.view().subspan(each * static_cast<unsigned>(i - 1), each);
    const auto back = troupe::decode<std::vector<versioned>>(alone);
    EXPECT_EQ(back.at(1).n, i);
    EXPECT_EQ(back.at(1).seen, 9u);
  }
}

TEST(Cereal, VersionedValuesAreReadOneAfterTheOther) {
  const auto one = bytes::encoded(versioned{5});
  auto two = one;
  two.insert(two.end(), one.begin(), one.end());
  troupe::reader from{two};
  versioned v;
  troupe::decode(from, v);
  troupe::decode(from, v);
  from.finish();
  EXPECT_EQ(v.n, 5);
}

// --- bytes are a function of the value ------------------------------------------------------
struct padded {
  char c;
  double d;
  bool b;
  std::optional<std::int64_t> o;
  std::variant<char, std::int64_t> v;
  std::vector<std::pair<char, int>> p;
  std::string s;
};

bytes::block encoded_from_memory_of(unsigned char fill) {
  alignas(padded) std::byte memory[sizeof(padded)];
  std::memset(memory, fill, sizeof memory);
  auto* value = new (memory) padded{'c', 1, true, {}, 'v', {{'p', 1}}, "s"};
  auto out = bytes::encoded(*value);
  value->~padded();
  return out;
}

TEST(Bytes, HoldNothingOfTheMemoryThatTheValueLiesIn) {
  EXPECT_EQ(bytes::hex(encoded_from_memory_of(0x00)), bytes::hex(encoded_from_memory_of(0xff)));
}

TEST(Bytes, HoldNothingOfAReusedBuffer) {
  std::string seen[2];
  for (const unsigned char fill : {0x00, 0xff}) {
    troupe::detail::buffer b;
    b.resize(500);
    std::memset(b.data(), fill, b.size());
    b.clear();
    troupe::detail::buffer_sink to{b};
    troupe::writer out{to};
    troupe::encode(out, std::vector<std::string>{"a", "bc"});
    to.done();
    seen[fill & 1] = bytes::hex(b.view());
  }
  EXPECT_EQ(seen[0], seen[1]);
}

// --- portable -------------------------------------------------------------------------------
struct holds_pointer {
  int* p;
};
struct no_default {
  explicit no_default(int);
};
struct opaque {
  opaque() {}
  int n = 0;
};

static_assert(is_portable_v<int> && is_portable_v<bool> && is_portable_v<std::byte>);
static_assert(is_portable_v<of_all_kinds> && is_portable_v<one_field> && is_portable_v<versioned>);
static_assert(is_portable_v<derived> && is_portable_v<troupe::function<void(std::string)>>);
static_assert(is_portable_v<std::map<std::string, std::vector<std::optional<inner>>>>);
static_assert(!is_portable_v<int*> && !is_portable_v<int&> && !is_portable_v<const int>);
static_assert(!is_portable_v<void> && !is_portable_v<std::nullptr_t> && !is_portable_v<int[3]>);
static_assert(!is_portable_v<int (*)(int)> && !is_portable_v<int inner::*>);
static_assert(!is_portable_v<long double> && !is_portable_v<std::complex<long double>>);
static_assert(!is_portable_v<std::string_view> && !is_portable_v<std::span<const int>>);
static_assert(!is_portable_v<std::shared_ptr<int>> && !is_portable_v<std::unique_ptr<inner>>);
static_assert(!is_portable_v<std::vector<std::weak_ptr<int>>>);
static_assert(!is_portable_v<std::variant<int, holds_pointer>>);
static_assert(!is_portable_v<no_default> && !is_portable_v<opaque>);
static_assert(!is_portable_v<std::atomic<int>> && !is_portable_v<seventeen_fields>);

}  // namespace

CEREAL_CLASS_VERSION(versioned, 9)
