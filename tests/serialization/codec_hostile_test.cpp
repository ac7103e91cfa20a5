// Bytes that a healthy writer never makes: each gives a decode_error, and costs no more memory
// than is in proportion to the bytes.
#include "tests/fuzz/kitchen_sink.hpp"
#include "tests/serialization/bytes.hpp"
#include "tests/serialization/memory_meter.hpp"

#include <gmock/gmock.h>
#include <pthread.h>

#include <limits>

namespace {

using kitchen::level;
using kitchen::nothing;
using kitchen::tree;
using testing::HasSubstr;

constexpr std::size_t constant = 40 * 1024;

template <class T>
std::string refusal(bytes::view in) {
  try {
    troupe::decode<T>(in);
  } catch (const troupe::decode_error& e) {
    return e.what();
  }
  return "(accepted)";
}

template <class T>
void expect_refused(std::string_view hex, std::string_view why) {
  EXPECT_THAT(refusal<T>(bytes::from_hex(hex)), HasSubstr(why));
}

// --- sizes ----------------------------------------------------------------------------------
struct large {
  std::array<double, 500> numbers{};
};
struct no_bytes {
  template <class Archive>
  void serialize(Archive&) {}
  bool operator<(const no_bytes&) const { return false; }
};

template <class T>
class SizeBomb : public testing::Test {};
using counted = testing::Types<
    std::string, std::wstring, std::filesystem::path, std::vector<char>, std::vector<double>,
    std::vector<bool>, std::vector<std::byte>, std::vector<level>, std::vector<std::string>,
    std::vector<nothing>, std::vector<no_bytes>, std::vector<std::pair<nothing, nothing>>,
    std::vector<std::array<int, 0>>, std::vector<large>, std::vector<std::optional<large>>,
    std::vector<std::vector<std::tuple<nothing>>>, std::deque<int>, std::deque<std::string>,
    std::list<char>, std::list<no_bytes>, std::forward_list<char>, std::forward_list<nothing>,
    std::set<int>, std::multiset<char>, std::multiset<no_bytes>, std::unordered_set<std::string>,
    std::unordered_multiset<int>, std::map<int, std::string>, std::multimap<char, large>,
    std::multimap<nothing, no_bytes>, std::unordered_map<int, int>,
    std::unordered_multimap<std::string, int>>;
TYPED_TEST_SUITE(SizeBomb, counted);

TYPED_TEST(SizeBomb, IsRefusedBeforeAnythingIsAllocated) {
  const auto max = std::numeric_limits<std::uint64_t>::max();
  for (const auto n : {std::uint64_t{1} << 40, std::uint64_t{1} << 61, max / 2 + 2, max}) {
    for (const std::size_t following : {0, 1, 64, 4096}) {
      const auto in = bytes::size_tag(n, following);
      const memory_meter meter;
      EXPECT_THAT(refusal<TypeParam>(in), HasSubstr("the bytes end too early")) << n;
      EXPECT_LE(meter.peak(), constant) << n << ", " << following << " bytes follow";
    }
  }
}

TYPED_TEST(SizeBomb, OneElementMoreThanThereIsCostsNoMoreThanTheBytes) {
  for (const std::size_t following : {16, 4096, 100'000}) {
    const auto in = bytes::size_tag(following + 1, following);
    const memory_meter meter;
    refusal<TypeParam>(in);
    EXPECT_LE(meter.peak(), constant);
  }
}

// Inner containers that each claim all of the rest: memory would grow with its square.
TYPED_TEST(SizeBomb, NestedInAnotherCostsMemoryInProportionToTheBytes) {
  constexpr std::size_t most_for_a_byte = 128;  // an empty std::deque: 8 bytes here, 576 there
  bytes::block in(200'000);
  for (std::size_t i = 0; i + 8 <= in.size(); i += 8) {
    const std::uint64_t n = i == 0 ? in.size() / 8 - 1 : (in.size() - i) / 2;
    std::memcpy(in.data() + i, &n, 8);
  }
  for (const bool empty : {false, true}) {
    if (empty) std::fill(in.begin() + 8, in.end(), std::byte{});
    const memory_meter meter;
    refusal<std::vector<TypeParam>>(in);
    EXPECT_LE(meter.peak(), constant + in.size() * most_for_a_byte);
  }
}

// --- single values --------------------------------------------------------------------------
TEST(HostileValue, ABoolIsZeroOrOne) {
  for (const char* byte : {"02", "80", "ff"}) {
    expect_refused<bool>(byte, "a bool cannot be");
    expect_refused<std::optional<int>>(std::string{byte} + "01000000", "a bool cannot be");
    expect_refused<std::vector<bool>>("0100000000000000" + std::string{byte}, "a bool cannot be");
    expect_refused<std::tuple<bool>>(byte, "a bool cannot be");
    expect_refused<std::array<bool, 1>>(byte, "a bool cannot be");
  }
}

enum truth : bool { no, yes };
TEST(HostileValue, AnEnumOverBoolIsABool) { expect_refused<truth>("02", "a bool cannot be"); }

TEST(HostileValue, AnEnumWithARangeStaysInIt) {
  expect_refused<level>("00", "an enum cannot be 0");
  expect_refused<level>("04", "an enum cannot be 4");
  expect_refused<std::vector<level>>("0200000000000000 01 04", "an enum cannot be 4");
  expect_refused<std::map<level, int>>("0100000000000000 ff 00000000", "an enum cannot be 255");
  EXPECT_EQ(troupe::decode<level>(bytes::from_hex("02")), level{2});
}

TEST(HostileValue, AVariantsIndexNamesAnAlternative) {
  using v = std::variant<std::monostate, int>;
  expect_refused<v>("02000000", "a variant's index cannot be 2");
  expect_refused<v>("ffffffff", "a variant's index cannot be 4294967295");
}

TEST(HostileValue, ABitsetHasNoBitsBeyondItsEnd) {
  expect_refused<std::bitset<3>>("08", "a bitset cannot be 8");
  expect_refused<std::bitset<9>>("ff02", "a bitset cannot be 2");
}

TEST(HostileValue, AnElementWithoutBytesIsLedByAZero) {
  expect_refused<std::vector<nothing>>("0200000000000000 00 01", "the byte ahead of an element");
  expect_refused<std::list<no_bytes>>("0100000000000000 ff", "the byte ahead of an element");
}

TEST(HostileValue, KeysComeInOrderAndOnce) {
  expect_refused<std::set<char>>("0200000000000000 01 01", "key 1 is out of order");
  expect_refused<std::set<char>>("0200000000000000 02 01", "key 1 is out of order");
  expect_refused<std::multiset<char>>("0300000000000000 01 01 00", "key 2 is out of order");
  expect_refused<std::unordered_set<char>>("0200000000000000 01 01", "key 1 is");
  expect_refused<std::map<char, bool>>("0200000000000000 02 00 01 00", "key 1 is out of order");
  expect_refused<std::map<char, bool>>("0200000000000000 02 00 02 01", "key 1 is out of order");
  expect_refused<std::unordered_map<char, bool>>("0200000000000000 02 00 02 01", "key 1 is");
  expect_refused<std::multimap<char, bool>>("0200000000000000 02 00 01 00", "key 1 is");
}

// --- nesting --------------------------------------------------------------------------------
tree chain(int length) {
  tree t;
  for (; length > 1; --length) {
    tree parent;
    parent.branches.push_back(std::move(t));
    t = std::move(parent);
  }
  return t;
}

// Of a tree, its label or branches are one level, and those are in a tree: two.
TEST(Nesting, SixtyFourLevelsPass) {
  const auto t = chain(troupe::max_depth / 2);
  EXPECT_EQ(troupe::decode<tree>(bytes::encoded(t)), t);
}

TEST(Nesting, DeeperValuesAreNotEncoded) {
  EXPECT_THROW(bytes::encoded(chain(troupe::max_depth / 2 + 1)), troupe::encode_error);
}

TEST(Nesting, AWriterIsAsNewAfterARestart) {
  troupe::detail::buffer b;
  troupe::detail::buffer_sink to{b};
  troupe::writer out{to};
  EXPECT_THROW(troupe::encode(out, chain(1000)), troupe::encode_error);
  out.restart();
  EXPECT_NO_THROW(troupe::encode(out, chain(troupe::max_depth / 2)));
}

TEST(Nesting, AMillionLevelsAreRefusedOnASmallStack) {
  std::string level(1, '\0');  // the byte ahead of a tree, no label, one branch
  level.append(8, '\0').append(1, '\1').append(7, '\0');
  static std::string in;
  in = level.substr(1);
  for (int i = 0; i < 1'000'000; ++i) in += level;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_t thread;
  const auto run = [](void*) -> void* {
    EXPECT_EQ(refusal<tree>(std::as_bytes(std::span{in})), "nested deeper than 64 levels");
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, nullptr), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

// --- all of it ------------------------------------------------------------------------------
TEST(KitchenSink, ComesBackToTheLastBit) {
  const auto in = bytes::encoded(kitchen::filled());
  EXPECT_EQ(bytes::hex(bytes::encoded(troupe::decode<kitchen::canonical>(in))), bytes::hex(in));
  const auto loose = bytes::encoded(kitchen::filled_loose());
  EXPECT_TRUE(troupe::decode<kitchen::loose>(loose) == kitchen::filled_loose());
}

TEST(KitchenSink, CutAnywhereIsRefused) {
  const auto whole = bytes::encoded(kitchen::filled());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = bytes::exactly(bytes::view{whole}.first(n));
    EXPECT_THROW(troupe::decode<kitchen::canonical>(cut), troupe::decode_error) << n;
  }
}

TEST(KitchenSink, ChangedBytesGiveADecodeErrorOrTheValueOfExactlyThoseBytes) {
  std::mt19937_64 random{bytes::seed()};
  const auto whole = bytes::encoded(kitchen::filled());
  for (int round = 0; round < 5'000; ++round) {
    auto in = whole;
    for (auto n = random() % 4 + 1; n != 0; --n)
      in[random() % in.size()] = static_cast<std::byte>(random() % (random() % 3 == 0 ? 256 : 3));
    const memory_meter meter;
    try {
      EXPECT_TRUE(bytes::encoded(troupe::decode<kitchen::canonical>(in)) == in) << round;
    } catch (const troupe::decode_error&) {
    }
    EXPECT_LE(meter.peak(), constant + in.size() * 80);
  }
}

}  // namespace
