// Every kind of value that can be sent, in one: what the payload fuzzer and the tests decode.
#pragma once

#include <troupe/codec.hpp>

namespace kitchen {

enum class level : std::uint8_t { low = 1, high = 3 };

struct nothing {
  auto operator<=>(const nothing&) const = default;
};
struct pixel {
  std::int16_t x = 0;
  bool lit = false;
  auto operator<=>(const pixel&) const = default;
};
struct tree {
  std::string label;
  std::vector<tree> branches;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(label, branches);
  }
  bool operator==(const tree&) const = default;
};
struct versioned {
  int n = 0;
  template <class Archive>
  void serialize(Archive& ar, std::uint32_t) {
    ar(n);
  }
  bool operator==(const versioned&) const = default;
};

struct scalars {
  bool b = false;
  char c = 0;
  std::int16_t i = 0;
  std::uint64_t u = 0;
  float f = 0;
  double d = 0;
  level l = level::low;
  std::byte raw{};
  int row[3] = {};
  bool flags[2] = {};
  std::chrono::milliseconds pause{};
  std::chrono::system_clock::time_point when;
  std::complex<double> z;
  std::bitset<11> bits;
  std::array<pixel, 2> pair_of{};
  template <class Archive>
  void serialize(Archive& ar) {
    ar(b, c, i, u, f, d, l, raw, row, flags, pause, when, z, bits, pair_of);
  }
};
struct sequences {
  std::string text;
  std::u32string wide;
  std::filesystem::path path;
  std::vector<double> numbers;
  std::vector<std::byte> raw;
  std::vector<bool> bits;
  std::vector<level> levels;
  std::vector<pixel> pixels;
  std::vector<std::vector<std::tuple<nothing>>> nothings;
  std::deque<std::string> deque;
  std::list<std::optional<std::uint8_t>> list;
  std::forward_list<std::pair<nothing, nothing>> forward;
};
struct choices {
  std::optional<std::string> maybe;
  std::variant<std::monostate, int, std::string, std::vector<pixel>> one_of;
  std::tuple<int, std::string, bool> all_of;
  std::vector<std::variant<bool, nothing, tree>> mixed;
  tree root;
};
struct sorted {
  std::set<std::string> set;
  std::multiset<pixel> multiset;
  std::map<std::uint16_t, std::vector<std::string>> map;
  std::multimap<std::string, nothing> multimap;
  std::set<nothing> at_most_one;
};
/// All of these have one encoding each: decoding and encoding gives the very same bytes.
struct canonical {
  scalars a;
  sequences b;
  choices c;
  sorted d;
};
/// These may be encoded in several ways: in any order, with any version.
struct loose {
  std::unordered_set<std::string> set;
  std::unordered_multiset<int> multiset;
  std::unordered_map<std::string, std::vector<int>> map;
  std::unordered_multimap<std::uint8_t, std::string> multimap;
  std::vector<versioned> olds;
  bool operator==(const loose&) const = default;
};

inline canonical filled() {
  canonical v;
  v.a = {true, 'x', -3, 1U << 31, 1.5F, -0.0, level::high, std::byte{7}, {1, 2, 3}, {true, false},
         {}, {}, {1, 2}, 0x555, {pixel{1, true}, pixel{}}};
  v.b = {"text", U"wide", "/p", {1, 2}, {std::byte{1}}, {true, false, true}, {level::low},
         {{3, true}}, {{{}, {}}, {}}, {"d", ""}, {1, std::nullopt}, {{}, {}}};
  v.c = {"yes", std::vector<pixel>{{1, true}}, {1, "t", true}, {true, nothing{}, tree{"m", {}}},
         {"root", {{"a", {}}, {"b", {{"c", {}}}}}}};
  v.d = {{"a", "b"}, {{1, true}, {1, true}}, {{1, {"x"}}, {2, {}}}, {{"k", {}}, {"k", {}}}, {{}}};
  return v;
}
inline loose filled_loose() {
  return {{"a", "b"}, {1, 1, 2}, {{"k", {1, 2}}}, {{1, "x"}, {1, "y"}}, {{1}, {2}}};
}

}  // namespace kitchen

CEREAL_CLASS_VERSION(kitchen::versioned, 3)

template <>
struct troupe::enum_range<kitchen::level> {
  static constexpr auto first = kitchen::level::low, last = kitchen::level::high;
};
