// What a task throws arrives as what it was, as task_error, and as every base of the two.
#include "tests/serialization/exceptions.hpp"

#include <gmock/gmock.h>

#include <any>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <new>
#include <regex>
#include <system_error>

namespace {

using namespace exceptions;

// --- every standard type --------------------------------------------------------------------
struct thrown {
  const char* name;
  int number;  // on the wire, for ever
  void (*act)();
  bool (*arrives)(const std::exception_ptr&);
};
template <class E>
thrown of(const char* name, int number, void (*act)()) {
  return {name, number, act, &is<E>};
}
void PrintTo(const thrown& t, std::ostream* out) { *out << t.name; }

const thrown all[] = {
    of<std::invalid_argument>("invalid_argument", 1, [] { throw std::invalid_argument{"w"}; }),
    of<std::domain_error>("domain_error", 2, [] { throw std::domain_error{"w"}; }),
    of<std::length_error>("length_error", 3, [] { throw std::length_error{"w"}; }),
    of<std::out_of_range>("out_of_range", 4, [] { throw std::out_of_range{"w"}; }),
    of<std::logic_error>("logic_error", 5, [] { throw std::logic_error{"w"}; }),
    of<std::logic_error>("future_error", 5,
                         [] { throw std::future_error{std::future_errc::no_state}; }),
    of<std::range_error>("range_error", 6, [] { throw std::range_error{"w"}; }),
    of<std::overflow_error>("overflow_error", 7, [] { throw std::overflow_error{"w"}; }),
    of<std::underflow_error>("underflow_error", 8, [] { throw std::underflow_error{"w"}; }),
    of<std::system_error>("system_error", 9, [] { throw std::system_error{{}, "w"}; }),
    of<std::system_error>("filesystem_error", 9,
                          [] { throw std::filesystem::filesystem_error{"w", {}}; }),
    of<std::system_error>("ios_failure", 9, [] { throw std::ios_base::failure{"w"}; }),
    of<std::bad_array_new_length>("bad_array_new_length", 10,
                                  [] { throw std::bad_array_new_length{}; }),
    of<std::bad_alloc>("bad_alloc", 11, [] { throw std::bad_alloc{}; }),
    of<std::bad_any_cast>("bad_any_cast", 12, [] { throw std::bad_any_cast{}; }),
    of<std::bad_cast>("bad_cast", 13, [] { throw std::bad_cast{}; }),
    of<std::bad_typeid>("bad_typeid", 14, [] { throw std::bad_typeid{}; }),
    of<std::bad_optional_access>("bad_optional_access", 15,
                                 [] { throw std::bad_optional_access{}; }),
    of<std::bad_variant_access>("bad_variant_access", 16, [] { throw std::bad_variant_access{}; }),
    of<std::bad_function_call>("bad_function_call", 17, [] { throw std::bad_function_call{}; }),
    of<std::bad_weak_ptr>("bad_weak_ptr", 18, [] { throw std::bad_weak_ptr{}; }),
    of<std::bad_exception>("bad_exception", 19, [] { throw std::bad_exception{}; }),
    of<troupe::usage_error>("usage_error", 20, [] { throw troupe::usage_error{"w"}; }),
    of<troupe::closed_error>("closed_error", 21, [] { throw troupe::closed_error{"w"}; }),
    of<troupe::full_error>("full_error", 22, [] { throw troupe::full_error{"w"}; }),
    of<troupe::empty_error>("empty_error", 23, [] { throw troupe::empty_error{"w"}; }),
    of<troupe::timeout_error>("timeout_error", 24, [] { throw troupe::timeout_error{"w"}; }),
    of<troupe::cancelled_error>("cancelled_error", 25, [] { throw troupe::cancelled_error{"w"}; }),
    of<troupe::would_deadlock>("would_deadlock", 26, [] { throw troupe::would_deadlock{"w"}; }),
    of<troupe::encode_error>("encode_error", 27, [] { throw troupe::encode_error{"w"}; }),
    of<troupe::decode_error>("decode_error", 28, [] { throw troupe::decode_error{"w"}; }),
    of<troupe::unknown_function>("unknown_function", 29,
                                 [] { throw troupe::unknown_function{"w"}; }),
    of<troupe::start_error>("start_error", 30, [] { throw troupe::start_error{"w", 2, "/p"}; }),
    of<troupe::worker_lost>("worker_lost", 31, [] { throw troupe::worker_lost{{}}; }),
    of<troupe::pool_broken>("pool_broken", 32, [] { throw troupe::pool_broken{"w", {"d"}}; }),
    of<troupe::broken_barrier>("broken_barrier", 33, [] { throw troupe::broken_barrier{"w"}; }),
    of<troupe::error>("error", 0, [] { throw troupe::error{"w"}; }),
    of<std::runtime_error>("runtime_error", 0, [] { throw std::runtime_error{"w"}; }),
    of<std::runtime_error>("regex_error", 0, [] { std::regex{"("}; }),
    of<std::exception>("exception", 0, [] { throw std::exception{}; }),
};

class Thrown : public testing::TestWithParam<thrown> {};
INSTANTIATE_TEST_SUITE_P(Standard, Thrown, testing::ValuesIn(all),
                         [](const auto& info) { return info.param.name; });

TEST_P(Thrown, ArrivesAsItselfAndAsTaskErrorAndAsEveryBaseOfTheTwo) {
  const auto p = crossed(GetParam().act);
  EXPECT_TRUE(GetParam().arrives(p));
  EXPECT_TRUE(is<troupe::task_error>(p));
  EXPECT_TRUE(is<troupe::error>(p));
  EXPECT_TRUE(is<std::runtime_error>(p));
  EXPECT_TRUE(is<std::exception>(p));
  EXPECT_FALSE(is<std::nested_exception>(p));
}

TEST_P(Thrown, KeepsItsTextAndItsTypesName) {
  std::string text, type;
  try {
    GetParam().act();
  } catch (const std::exception& e) {
    text = e.what();
    type = typeid(e).name();
  }
  const auto p = crossed(GetParam().act);
  EXPECT_EQ(what(p), text);
  EXPECT_EQ(error(p).what(), text);
  EXPECT_NE(error(p).type_name(), "");
  EXPECT_NE(error(p).type_name(), type);  // it is for people
  EXPECT_EQ(error(p).worker(), "worker/1");
  EXPECT_EQ(error(p).pid(), 4711);
}

TEST_P(Thrown, ArrivesAsItselfThroughAWorkerOfAWorker) {
  const auto once = crossed(GetParam().act);
  const auto twice = crossed([&] { std::rethrow_exception(once); });
  EXPECT_TRUE(GetParam().arrives(twice));
  EXPECT_EQ(error(twice).type_name(), error(once).type_name());
  EXPECT_EQ(what(twice), what(once));
}

TEST_P(Thrown, HasItsNumberForEver) {
  EXPECT_EQ(saved(GetParam().act).at(0), static_cast<std::byte>(GetParam().number));
}

TEST_P(Thrown, CutAnywhereIsADecodeError) {
  const auto whole = saved(GetParam().act);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = bytes::exactly(bytes::view{whole}.first(n));
    EXPECT_TRUE(is<troupe::decode_error>(loaded(cut))) << n;
  }
}

TEST_P(Thrown, IsReadToItsEndAndNoFurther) {
  auto in = saved(GetParam().act);
  in.resize(in.size() + 3);
  troupe::reader from{in};
  EXPECT_TRUE(is<troupe::task_error>(troupe::detail::load_exception(from, "w", 1)));
  EXPECT_EQ(from.remaining(), 3u);
}

TEST(ThrownBytes, AreThoseOfFormatVersionOne) {
  EXPECT_EQ(bytes::hex(saved([] { throw std::system_error{{2, std::system_category()}, "x"}; })),
            bytes::hex(bytes::from_hex("09 02000000 01 0000000000000000"
                                       "1100000000000000 7374643a3a73797374656d5f6572726f72"
                                       "1c00000000000000 783a204e6f20737563682066696c65206f"
                                       "72206469726563746f7279"
                                       "0000000000000000")));
}

// --- what some of them carry ----------------------------------------------------------------
struct own_category final : std::error_category {
  const char* name() const noexcept override { return "own"; }
  std::string message(int) const override { return "own trouble"; }
};

TEST(SystemError, KeepsItsCodeAndStandardCategory) {
  for (const auto* category : {&std::generic_category(), &std::system_category(),
                               &std::iostream_category(), &std::future_category()}) {
    const std::error_code code{2, *category};
    const auto p = crossed([&] { throw std::system_error{code, "why"}; });
    EXPECT_EQ(as<std::system_error>(p).code(), code);
  }
}

TEST(SystemError, OfACategoryOfOnesOwnIsOfNoStandardOne) {
  static const own_category own;
  const auto p = crossed([] { throw std::system_error{{1, own}, "why"}; });
  EXPECT_EQ(what(p), "why: own trouble");
  const auto code = as<std::system_error>(p).code();
  EXPECT_EQ(code.value(), 1);
  EXPECT_STREQ(code.category().name(), "unknown");
  EXPECT_NE(code, std::errc::operation_not_permitted);
}

TEST(StartError, KeepsItsErrno) {
  const auto p = crossed([] { throw troupe::start_error{"w", 2, "/p"}; });
  EXPECT_EQ(as<troupe::start_error>(p).errno_value(), 2);
}

TEST(TaskError, ThrownByATaskKeepsTypeTextAndCauses) {
  const auto p = crossed([] {
    throw troupe::task_error{{"their::type", "their text", "inner", 5, {{"a", "b"}}}};
  });
  EXPECT_EQ(error(p).type_name(), "their::type");
  EXPECT_STREQ(error(p).what(), "their text");
  EXPECT_EQ(error(p).worker(), "worker/1");
  ASSERT_EQ(error(p).nested().size(), 1u);
  EXPECT_EQ(error(p).nested()[0].what, "b");
}

TEST(Handlers, SeeTheHalfTheyNameWhateverTheirOrder) {
  const auto p = crossed([] { throw std::out_of_range{"seven"}; });
  try {
    std::rethrow_exception(p);
  } catch (const troupe::decode_error&) {
    FAIL();
  } catch (const std::length_error&) {
    FAIL();
  } catch (std::exception& e) {
    EXPECT_NE(dynamic_cast<std::out_of_range*>(&e), nullptr);
    EXPECT_NE(dynamic_cast<troupe::task_error*>(&e), nullptr);
    EXPECT_STREQ(e.what(), "seven");
  }
  EXPECT_THROW(
      try { std::rethrow_exception(p); } catch (std::logic_error&) { throw; }, troupe::task_error);
  EXPECT_FALSE(is<int>(p));
  EXPECT_FALSE(is<std::exception*>(p));
}

}  // namespace
