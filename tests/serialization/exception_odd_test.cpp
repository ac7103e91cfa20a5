// Exceptions of all other kinds: odd texts, no std::exception, nested, registered, garbage.
#include "tests/serialization/exceptions.hpp"
#include "tests/serialization/memory_meter.hpp"

#include <gmock/gmock.h>

void throw_their_namesake();

namespace {

using namespace exceptions;
using testing::HasSubstr;

// --- texts ----------------------------------------------------------------------------------
struct speechless : std::exception {
  const char* what() const noexcept override { return nullptr; }
};

TEST(What, OfNullIsSaidSo) {
  EXPECT_EQ(what(crossed([] { throw speechless{}; })), "(what() returned nullptr)");
}

TEST(What, IsCutAtSixtyFourKiB) {
  const auto p = crossed([] { throw std::runtime_error{std::string(1 << 20, 'x')}; });
  EXPECT_EQ(what(p), std::string(64 * 1024, 'x').append(" [cut]"));
  const auto whole = crossed([] { throw std::runtime_error{std::string(64 * 1024, 'x')}; });
  EXPECT_EQ(what(whole), std::string(64 * 1024, 'x'));
}

TEST(What, KeepsBytesThatAreNoText) {
  EXPECT_EQ(what(crossed([] { throw std::runtime_error{"\xff\xfe\x80"}; })), "\xff\xfe\x80");
}

TEST(What, EndsAtItsFirstNul) {
  using namespace std::string_literals;
  EXPECT_EQ(what(crossed([] { throw std::runtime_error{"a\0b"s}; })), "a");
}

// --- no std::exception ----------------------------------------------------------------------
struct plain {};

TEST(NonStandard, IsATaskErrorWithTheTypesName) {
  const auto number = crossed([] { throw 7; });
  EXPECT_EQ(error(number).type_name(), "int");
  EXPECT_STREQ(error(number).what(), "unknown exception");
  EXPECT_THAT(error(crossed([] { throw plain{}; })).type_name(), HasSubstr("plain"));
  EXPECT_EQ(error(crossed([] { throw "text"; })).type_name(), "char const*");
}

// --- nested ---------------------------------------------------------------------------------
void throw_nested(int depth) {
  try {
    if (depth == 0) throw std::invalid_argument{"root"};
    throw_nested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error{"level " + std::to_string(depth)});
  }
}

TEST(Nested, CausesFollowOutermostFirstUnderTheirOwnNames) {
  const auto p = crossed([] { throw_nested(1); });
  EXPECT_STREQ(error(p).what(), "level 1");
  EXPECT_EQ(error(p).type_name(), "std::runtime_error");
  const auto causes = error(p).nested();
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[0].what, "level 0");
  EXPECT_EQ(causes[1].what, "root");
  EXPECT_EQ(causes[1].type_name, "std::invalid_argument");
}

TEST(Nested, NoMoreThanSixteenAreTold) {
  EXPECT_EQ(error(crossed([] { throw_nested(40); })).nested().size(), 16u);
}

TEST(Nested, TheOuterArrivesAsItselfToo) {
  const auto p = crossed([] {
    try {
      throw 1;
    } catch (...) {
      std::throw_with_nested(std::out_of_range{"outer"});
    }
  });
  EXPECT_TRUE(is<std::out_of_range>(p));
  ASSERT_EQ(error(p).nested().size(), 1u);
  EXPECT_EQ(error(p).nested()[0].type_name, "int");
}

TEST(Nested, OfNothingIsNoCause) {
  struct alone : std::runtime_error, std::nested_exception {
    alone() : std::runtime_error{"alone"} {}
  };
  EXPECT_TRUE(error(crossed([] { throw alone{}; })).nested().empty());
}

// --- registered -----------------------------------------------------------------------------
struct app_error : std::exception {
  int code = 0;
  std::string detail;
  bool unwilling = false;
  app_error() = default;
  app_error(int c, std::string d) : code(c), detail(std::move(d)) {}
  const char* what() const noexcept override { return detail.c_str(); }
  template <class Archive>
  void serialize(Archive& ar) {
    if (unwilling) throw std::runtime_error{"no"};
    ar(code, detail);
  }
};
struct special_error : app_error {
  int more = 0;
  special_error() = default;
  explicit special_error(int m) : app_error(m, "special"), more(m) {}
  template <class Archive>
  void serialize(Archive& ar) {
    app_error::serialize(ar);
    ar(more);
  }
};
struct position {  // no std::exception at all
  int line = 0, column = 0;
};
struct own_error : troupe::error {
  own_error() : troupe::error{"own"} {}
  int n = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(n);
  }
};
struct namesake {  // another one of this name is in exception_namesake.cpp
  std::uint64_t ours = 0;
};
// Never called: naming it is enough.
[[maybe_unused]] void name_them() {
  troupe::register_exception<special_error>();
  troupe::register_exception<app_error>();
  troupe::register_exception<position>();
  troupe::register_exception<own_error>();
  troupe::register_exception<namesake>();
}

TEST(Registered, ArrivesWithItsDataAndAsTaskError) {
  const auto p = crossed([] { throw app_error{7, "detail"}; });
  EXPECT_EQ(as<app_error>(p).code, 7);
  EXPECT_EQ(as<app_error>(p).detail, "detail");
  EXPECT_EQ(what(p), "detail");
  EXPECT_THAT(error(p).type_name(), HasSubstr("app_error"));
}

TEST(Registered, ADerivedOneIsNotCutToItsBase) {
  const auto p = crossed([] { throw special_error{5}; });
  ASSERT_TRUE(is<special_error>(p));
  EXPECT_EQ(as<special_error>(p).more, 5);
  EXPECT_TRUE(is<app_error>(p));
}

TEST(Registered, OneDerivedFromItArrivesAsIt) {
  struct unregistered : app_error {
    unregistered() : app_error(3, "u") {}
  };
  const auto p = crossed([] { throw unregistered{}; });
  EXPECT_EQ(as<app_error>(p).code, 3);
  EXPECT_THAT(error(p).type_name(), HasSubstr("unregistered"));
}

TEST(Registered, AnyPortableTypeWillDo) {
  const auto p = crossed([] { throw position{3, 4}; });
  EXPECT_EQ(as<position>(p).column, 4);
  EXPECT_TRUE(is<std::exception>(p));
}

TEST(Registered, OneThatIsATroupeErrorIsCaughtAsSuch) {
  const auto p = crossed([] { throw own_error{}; });
  EXPECT_TRUE(is<own_error>(p));
  EXPECT_TRUE(is<troupe::error>(p));
  EXPECT_TRUE(is<std::exception>(p));
}

TEST(Registered, NestingOthersItArrivesToo) {
  const auto p = crossed([] {
    try {
      throw 1;
    } catch (...) {
      std::throw_with_nested(app_error{9, "outer"});
    }
  });
  EXPECT_EQ(as<app_error>(p).code, 9);
  EXPECT_EQ(error(p).nested().size(), 1u);
}

TEST(Registered, ThroughAWorkerOfAWorkerItKeepsItsData) {
  const auto once = crossed([] { throw app_error{7, "detail"}; });
  const auto twice = crossed([&] { std::rethrow_exception(once); });
  EXPECT_EQ(as<app_error>(twice).code, 7);
  EXPECT_EQ(error(twice).type_name(), error(once).type_name());
}

TEST(Registered, ThatCannotBeEncodedArrivesAsAPlainTaskError) {
  const auto p = crossed([] {
    app_error e{1, "text"};
    e.unwilling = true;
    throw e;
  });
  EXPECT_FALSE(is<app_error>(p));
  EXPECT_STREQ(error(p).what(), "text");
}

TEST(Registered, OfTwoTypesOfOneNameNeitherIsTakenForTheOther) {
  EXPECT_FALSE(is<namesake>(crossed(&throw_their_namesake)));
  EXPECT_FALSE(is<namesake>(crossed([] { throw namesake{1}; })));
  EXPECT_THAT(error(crossed(&throw_their_namesake)).type_name(), HasSubstr("namesake"));
}

// --- garbage --------------------------------------------------------------------------------
TEST(Garbage, AnUnknownKindIsADecodeError) {
  auto in = saved([] { throw std::runtime_error{"x"}; });
  in[0] = std::byte{99};
  EXPECT_TRUE(is<troupe::decode_error>(loaded(in)));
}

TEST(Garbage, AnUnknownErrorCategoryIsADecodeError) {
  auto in = saved([] { throw std::system_error{{}, "x"}; });
  in[5] = std::byte{5};
  EXPECT_TRUE(is<troupe::decode_error>(loaded(in)));
}

TEST(Garbage, InTheDataOfARegisteredOneIsADecodeError) {
  auto in = saved([] { throw position{1, 2}; });
  in.back() = std::byte{1};
  EXPECT_FALSE(is<troupe::decode_error>(loaded(in)));  // still an int
  in[in.size() - 16] = std::byte{9};                   // the data's size
  in.push_back({});
  EXPECT_TRUE(is<troupe::decode_error>(loaded(in)));
}

TEST(Garbage, AnUnknownRegisteredNameGivesAPlainTaskErrorAndItsDataIsSkipped) {
  auto in = saved([] { throw position{1, 2}; });
  in[6 + 8 + 3] ^= std::byte{1};  // in its name
  troupe::reader from{in};
  EXPECT_TRUE(is<troupe::task_error>(troupe::detail::load_exception(from, "w", 1)));
  EXPECT_EQ(from.remaining(), 0u);
}

TEST(Garbage, OfAnyKindGivesAnErrorAndCostsLittle) {
  std::mt19937_64 random{bytes::seed()};
  const auto whole = saved([] { throw_nested(3); });
  for (int round = 0; round < 20'000; ++round) {
    auto in = whole;
    for (auto n = random() % 4 + 1; n != 0; --n)
      in[random() % in.size()] = static_cast<std::byte>(random());
    const memory_meter meter;
    EXPECT_TRUE(is<troupe::error>(loaded(in)));
    EXPECT_LE(meter.peak(), 64 * 1024 + 32 * in.size());
  }
}

}  // namespace
