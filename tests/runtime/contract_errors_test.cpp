// What a task throws arrives as what it was, and as a task_error.
#include "tests/runtime/support.hpp"

#include <any>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <new>
#include <regex>
#include <system_error>
#include <typeinfo>
#include <variant>

namespace {

struct quota_exceeded : std::runtime_error {
  quota_exceeded() : std::runtime_error{"quota"} {}
  explicit quota_exceeded(int l) : std::runtime_error{"quota"}, limit(l) {}
  int limit = 0;
  template <class Archive>
  void serialize(Archive& a) { a(limit); }
};
[[maybe_unused]] const bool known = troupe::register_exception<quota_exceeded>();

using namespace support;

class Errors : public placed_test {};
INSTANTIATE_TEST_SUITE_P(, Errors, every_placement, placement_name);

struct unregistered : std::logic_error {
  using std::logic_error::logic_error;
};
struct odd_thing {};
struct null_what : std::exception {
  const char* what() const noexcept override { return nullptr; }
};
struct cannot_encode {
  int x = 0;
  template <class Archive>
  void save(Archive&) const { throw std::runtime_error{"not today"}; }
  template <class Archive>
  void load(Archive& a) { a(x); }
};
struct cannot_decode {
  int x = 0;
  template <class Archive>
  void save(Archive& a) const { a(x); }
  template <class Archive>
  void load(Archive&) { throw std::runtime_error{"cannot read"}; }
};

template <class E>
void throw_it() {
  if constexpr (std::is_constructible_v<E, const char*>) throw E{"the text"};
  else throw E{};
}
void throw_code() { throw std::system_error{ENOENT, std::generic_category(), "opening"}; }
void throw_int() { throw 42; }
void throw_text() { throw "words"; }
void throw_odd() { throw odd_thing{}; }
void throw_registered() { throw quota_exceeded{7}; }
void throw_long(int n) { throw std::runtime_error{std::string(static_cast<std::size_t>(n), 'e')}; }
void throw_nested() {
  try {
    try {
      throw std::out_of_range{"inner"};
    } catch (...) {
      std::throw_with_nested(std::runtime_error{"middle"});
    }
  } catch (...) {
    std::throw_with_nested(std::logic_error{"outer"});
  }
}
cannot_encode unsendable() { return {}; }
cannot_decode unreadable() { return {}; }
int takes_unsendable(const cannot_encode& x) { return x.x; }
int takes_unreadable(const cannot_decode& x) { return x.x; }

template <class E>
void expect_itself(troupe::pool& p) {
  const auto error = p.submit<throw_it<E>>().error();
  EXPECT_TRUE(is<E>(error)) << typeid(E).name() << ": " << what(error);
  EXPECT_TRUE(is<troupe::task_error>(error)) << typeid(E).name();
  EXPECT_TRUE(is<std::exception>(error)) << typeid(E).name();
  if constexpr (std::is_constructible_v<E, const char*>) {
    EXPECT_STREQ(as<troupe::task_error>(error).what(), "the text");
  }
}

TEST_P(Errors, StandardExceptionsArriveAsThemselves) {
  auto p = pool();
  expect_itself<std::logic_error>(p);
  expect_itself<std::domain_error>(p);
  expect_itself<std::invalid_argument>(p);
  expect_itself<std::length_error>(p);
  expect_itself<std::out_of_range>(p);
  expect_itself<std::runtime_error>(p);
  expect_itself<std::range_error>(p);
  expect_itself<std::overflow_error>(p);
  expect_itself<std::underflow_error>(p);
  expect_itself<std::bad_alloc>(p);
  expect_itself<std::bad_cast>(p);
  expect_itself<std::bad_typeid>(p);
  expect_itself<std::bad_function_call>(p);
  expect_itself<std::bad_optional_access>(p);
  expect_itself<std::bad_variant_access>(p);
  expect_itself<std::bad_exception>(p);
}

TEST_P(Errors, SystemErrorsKeepTheirCode) {
  auto p = pool();
  const auto error = p.submit<throw_code>().error();
  EXPECT_EQ(as<std::system_error>(error).code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(what(error).substr(0, 7), "opening");
}

TEST_P(Errors, TaskErrorTellsTypeTextWorkerAndPid) {
  auto p = pool(1);
  const auto e = as<troupe::task_error>(p.submit<odd_fails>(3).error());
  EXPECT_EQ(e.type_name(), "std::out_of_range");
  EXPECT_STREQ(e.what(), "odd 3");
  EXPECT_EQ(e.worker(), p.stats().workers.at(0).name);
  EXPECT_EQ(e.pid(), p.apply<troupe::tasks::pid>());
}

TEST_P(Errors, OfAMapTellTheirWorkerToo) {
  auto p = pool(1);
  const auto e = as<troupe::task_error>(thrown_by([&] { p.map<odd_fails>(std::vector{0, 2, 3, 5}); }));
  EXPECT_STREQ(e.what(), "odd 3");
  EXPECT_EQ(e.worker(), p.stats().workers.at(0).name);
}

TEST_P(Errors, ARegisteredTypeArrivesWithItsData) {
  auto p = pool();
  const auto error = p.submit<throw_registered>().error();
  EXPECT_EQ(as<quota_exceeded>(error).limit, 7);
  EXPECT_TRUE(is<troupe::task_error>(error));
}

TEST_P(Errors, OtherTypesArriveAsTaskErrorWithTheirNames) {
  auto p = pool();
  const auto e = as<troupe::task_error>(p.submit<throw_it<unregistered>>().error());
  EXPECT_NE(e.type_name().find("unregistered"), std::string::npos);
  EXPECT_STREQ(e.what(), "the text");
  EXPECT_EQ(as<troupe::task_error>(p.submit<throw_int>().error()).type_name(), "int");
  EXPECT_TRUE(is<troupe::task_error>(p.submit<throw_text>().error()));
  EXPECT_NE(as<troupe::task_error>(p.submit<throw_odd>().error()).type_name().find("odd_thing"), std::string::npos);
  EXPECT_TRUE(is<troupe::task_error>(p.submit<throw_it<null_what>>().error()));
}

TEST_P(Errors, NestedOnesTellTheirChain) {
  auto p = pool();
  const auto e = as<troupe::task_error>(p.submit<throw_nested>().error());
  EXPECT_STREQ(e.what(), "outer");
  ASSERT_EQ(e.nested().size(), 2U);
  EXPECT_EQ(e.nested()[0].what, "middle");
  EXPECT_EQ(e.nested()[1].what, "inner");
  EXPECT_EQ(e.nested()[1].type_name, "std::out_of_range");
}

TEST_P(Errors, VeryLongTextsAreCut) {
  auto p = pool();
  EXPECT_EQ(what(p.submit<throw_long>(1000).error()).size(), 1000U);
  EXPECT_LE(what(p.submit<throw_long>(10 << 20).error()).size(), 66'000U);
  EXPECT_EQ(p.apply<square>(2), 4);
}

TEST_P(Errors, AnArgumentThatCannotBeEncodedThrowsAtTheCall) {
  auto p = pool();
  EXPECT_THROW(p.submit<takes_unsendable>(cannot_encode{}), troupe::encode_error);
  EXPECT_THROW(p.map<takes_unsendable>(std::vector<cannot_encode>(3)), troupe::encode_error);
  EXPECT_EQ(p.apply<square>(2), 4);
  EXPECT_EQ(p.stats().pending, 0U);
}

TEST_P(Errors, AnArgumentThatCannotBeDecodedFailsItsTask) {
  auto p = pool();
  const auto error = p.submit<takes_unreadable>(cannot_decode{}).error();
  EXPECT_TRUE(is<troupe::decode_error>(error)) << what(error);
  EXPECT_NE(what(error).find("cannot read"), std::string::npos) << what(error);
  EXPECT_EQ(p.apply<square>(2), 4);
}

TEST_P(Errors, AResultThatCannotBeEncodedFailsItsTask) {
  auto p = pool();
  const auto error = p.submit<unsendable>().error();
  EXPECT_TRUE(is<troupe::encode_error>(error)) << what(error);
  EXPECT_NE(what(error).find("not today"), std::string::npos) << what(error);
  EXPECT_EQ(p.apply<square>(2), 4);
}

TEST_P(Errors, AResultThatCannotBeDecodedIsThrownToWhoAsks) {
  auto p = pool();
  const auto f = p.submit<unreadable>();
  for (int i = 0; i < 2; ++i) {
    const auto error = thrown_by([&] { f.get(); });
    EXPECT_TRUE(is<troupe::decode_error>(error)) << what(error);
  }
  EXPECT_EQ(p.apply<square>(2), 4);
}

TEST_P(Errors, OfOneTaskAreNotThoseOfAnother) {
  auto p = pool();
  std::vector<troupe::future<int>> all;
  for (int i = 0; i < 2000; ++i) all.push_back(p.submit<odd_fails>(i));
  for (int i = 0; i < 2000; ++i) {
    const auto& f = all[static_cast<std::size_t>(i)];
    if (i % 2 == 0) EXPECT_EQ(f.get(), i);
    else EXPECT_EQ(what(f.error()), "odd " + std::to_string(i));
  }
}

TEST_P(Errors, DoNotCostTheWorker) {
  auto p = pool(1);
  const int before = p.apply<troupe::tasks::pid>();
  for (int i = 0; i < 100; ++i) thrown_by([&] { p.apply<odd_fails>(1); });
  EXPECT_EQ(p.apply<troupe::tasks::pid>(), before);
  EXPECT_EQ(p.stats().restarts, 0U);
}

}  // namespace
