// Typed calls as bytes: parameters, results, slices of calls, errors among them.
#include "tests/serialization/calls.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace {

using namespace troupe::detail;
using calls::call;
using calls::outcome;
using calls::results;
using testing::HasSubstr;

int twice(int x) { return 2 * x; }
int minus(int a, std::int64_t b) { return a - static_cast<int>(b); }
void ignore(const std::string&) {}
std::string joined(const std::vector<std::string>& parts, std::string&& last) {
  std::string all;
  for (const auto& p : parts) all += p;
  return all + std::move(last);
}
std::size_t length(std::string_view s) { return s.size(); }
std::size_t length_of(const std::string_view& s) { return s.size(); }
double sum(char, std::span<const double> xs) {
  double s = 0;
  for (const double x : xs) s += x;
  return s;
}
bool aligned(char, std::span<const double> xs) {
  return reinterpret_cast<std::uintptr_t>(xs.data()) % alignof(double) == 0;
}
int picky(int x) noexcept(false) {
  if (x < 0) throw std::out_of_range{"negative"};
  return x;
}
int never(int) noexcept { return 0; }

template <auto F>
using of = static_callable<F>;

bytes::block operator+(bytes::block a, const bytes::block& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// --- parameters -----------------------------------------------------------------------------
TEST(Call, PassesValuesReferencesAndRvalues) {
  EXPECT_EQ((call<int, of<twice>>(21)), 42);
  EXPECT_EQ((call<int, of<minus>>(5, std::int64_t{3})), 2);
  EXPECT_EQ((call<std::string, of<joined>>(std::vector<std::string>{"a", "b"}, "c")), "abc");
  EXPECT_EQ((call<int, of<never>>(1)), 0);
}

TEST(Call, ConvertsArgumentsAsAPlainCallWould) {
  EXPECT_EQ((call<int, of<twice>>(short{4})), 8);
  EXPECT_EQ((call<int, of<minus>>('a', 1)), 96);
  EXPECT_EQ((calls::args<of<twice>>(short{4})), bytes::encoded(4));
}

TEST(Call, AViewParameterSeesTheReceivedBytes) {
  EXPECT_EQ((call<std::size_t, of<length>>("four")), 4u);
  EXPECT_EQ((call<std::size_t, of<length>>(std::string{"four"})), 4u);
  EXPECT_EQ((call<std::size_t, of<length_of>>(std::string_view{""})), 0u);
}

TEST(Call, ASpanParameterIsAlignedWhereverItsBytesLie) {
  const std::vector<double> xs{1, 2, 3.5};
  EXPECT_EQ((call<double, of<sum>>('x', xs)), 6.5);
  EXPECT_TRUE((call<bool, of<aligned>>('x', xs)));
  EXPECT_EQ((call<double, of<sum>>('x', std::vector<double>{})), 0);
}

TEST(Call, WithoutAResultAnswersOneByte) {
  const auto o = calls::run(of<ignore>::entry, calls::args<of<ignore>>("x"), 1);
  EXPECT_EQ(bytes::hex(o.results), "00");
}

// --- errors ---------------------------------------------------------------------------------
TEST(Call, ThatThrowsAnswersTheException) {
  results r{calls::run(of<picky>::entry, bytes::encoded(-1), 1)};
  EXPECT_THROW(std::rethrow_exception(r.error()), std::out_of_range);
  EXPECT_TRUE(r.done());
}

TEST(Call, WithArgumentsCutAnywhereAnswersADecodeError) {
  const auto whole = calls::args<of<joined>>(std::vector<std::string>{"a"}, "b");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = bytes::exactly(bytes::view{whole}.first(n));
    results r{calls::run(of<joined>::entry, cut, 1)};
    EXPECT_THROW(std::rethrow_exception(r.error()), troupe::decode_error) << n;
  }
}

TEST(Call, WithASizeBombForAViewAnswersADecodeError) {
  for (const auto n : {std::uint64_t{1} << 40, std::numeric_limits<std::uint64_t>::max()}) {
    results text{calls::run(of<length>::entry, bytes::size_tag(n, 8), 1)};
    EXPECT_THROW(std::rethrow_exception(text.error()), troupe::decode_error);
    results span{calls::run(of<sum>::entry, bytes::encoded('x') + bytes::size_tag(n, 64), 1)};
    EXPECT_THROW(std::rethrow_exception(span.error()), troupe::decode_error);
  }
}

struct refuses_to_be_sent {
  template <class Archive>
  void serialize(Archive&) {
    throw std::logic_error{"not me"};
  }
};
refuses_to_be_sent unsendable() { return {}; }

TEST(Call, WhoseResultCannotBeEncodedAnswersAnEncodeError) {
  results r{calls::run(of<unsendable>::entry, {}, 1)};
  EXPECT_THROW(std::rethrow_exception(r.error()), troupe::encode_error);
}

// --- slices ---------------------------------------------------------------------------------
TEST(Slice, AnswersItemByItemWithErrorsInTheirPlaces) {
  const auto o = calls::run(of<picky>::entry,
                            bytes::encoded(1) + bytes::encoded(-2) + bytes::encoded(3), 3);
  EXPECT_EQ(o.items, 3u);
  EXPECT_EQ(o.first_error, 1u);
  results r{o};
  EXPECT_EQ(r.value<int>(), 1);
  EXPECT_THROW(std::rethrow_exception(r.error()), std::out_of_range);
  EXPECT_EQ(r.value<int>(), 3);
  EXPECT_TRUE(r.done());
}

// After arguments that make no sense nobody knows where the next begin.
int checks_calls = 0;
struct checked {
  int n = 0;
  template <class Archive>
  void save(Archive& ar) const {
    ar(n);
  }
  template <class Archive>
  void load(Archive& ar) {
    ar(n);
    if (n < 0) throw std::runtime_error{"negative"};
  }
};
int count_calls(const std::string&, const checked& a, int) { return checks_calls = a.n; }

TEST(Slice, AfterUnreadableArgumentsRunsNothingMore) {
  checks_calls = 0;
  using counting = of<count_calls>;
  const auto in = calls::args<counting>("s", checked{1}, 7) +
                  calls::args<counting>("s", checked{-1}, 7) +
                  calls::args<counting>("s", checked{3}, 7);
  const auto o = calls::run(counting::entry, in, 3);
  results r{o};
  EXPECT_EQ(r.value<int>(), 1);
  for (int i = 0; i < 2; ++i)
    EXPECT_THROW(std::rethrow_exception(r.error()), troupe::decode_error);
  EXPECT_TRUE(r.done());
  EXPECT_EQ(o.items, 3u);
  EXPECT_EQ(checks_calls, 1);
}

// --- function objects -----------------------------------------------------------------------
struct scaler {
  int factor = 0;
  int operator()(int x) const { return factor * x; }
};
struct counter {
  int from = 0;
  int operator()() { return from++; }
};
struct stateless {
  template <class T>
  T operator()(T x) const {
    return x;
  }
};
struct fragile {
  fragile() { throw std::runtime_error{"cannot be made"}; }
  int n = 0;
  int operator()(int) const { return n; }
  template <class Archive>
  void serialize(Archive& ar) {
    ar(n);
  }
};

template <class Fn>
bytes::block object(const Fn& fn) {
  buffer b;
  buffer_sink to{b};
  troupe::writer out{to};
  save_object(out, fn);
  to.done();
  return bytes::exactly(b.view());
}

TEST(Object, SendsItsDataOnceAheadOfAllArguments) {
  const auto in = object(scaler{10}) + bytes::encoded(1) + bytes::encoded(2);
  results r{calls::run(object_callable<scaler, int>::entry, in, 2)};
  EXPECT_EQ(r.value<int>(), 10);
  EXPECT_EQ(r.value<int>(), 20);
}

TEST(Object, IsOneForTheWholeSlice) {
  results r{calls::run(object_callable<counter>::entry, object(counter{5}), 2)};
  EXPECT_EQ(r.value<int>(), 5);
  EXPECT_EQ(r.value<int>(), 6);
}

TEST(Object, WithoutDataSendsNone) {
  EXPECT_TRUE(object(stateless{}).empty());
  EXPECT_TRUE(object([](int x) { return x; }).empty());
}

TEST(Object, ThatIsGenericIsCalledWithTheArgumentsTypes) {
  EXPECT_EQ((call<std::string, object_callable<stateless, std::string>>("text")), "text");
  auto lambda = [](auto a, auto b) { return a + b; };
  EXPECT_EQ((call<double, object_callable<decltype(lambda), int, double>>(1, 2.5)), 3.5);
}

TEST(Object, WithUnreadableDataFailsEveryItem) {
  results r{calls::run(object_callable<scaler, int>::entry, bytes::from_hex("0102"), 2)};
  EXPECT_THROW(std::rethrow_exception(r.error()), troupe::decode_error);
  EXPECT_THROW(std::rethrow_exception(r.error()), troupe::decode_error);
}

TEST(Object, ThatCannotBeMadeThereFailsEveryItem) {
  results r{calls::run(object_callable<fragile, int>::entry, bytes::block(16), 2)};
  for (int i = 0; i < 2; ++i) {
    try {
      std::rethrow_exception(r.error());
    } catch (const troupe::task_error& e) {
      EXPECT_THAT(e.what(), HasSubstr("cannot be made"));
    }
  }
}

}  // namespace
