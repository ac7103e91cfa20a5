#include "tests/serialization/bytes.hpp"

#include <troupe/function.hpp>

#include <gmock/gmock.h>

namespace {

using troupe::fn;
using troupe::function;
using testing::HasSubstr;

int twice(int x) { return 2 * x; }
int thrice(int x) { return 3 * x; }
double half(double x) { return x / 2; }
std::string greeting() { return "hello"; }
void nothing(std::string) {}

struct scaler {
  int factor = 1;
  int operator()(int x) const { return factor * x; }
};

template <class F>
F sent(const F& f) {
  return troupe::decode<F>(bytes::encoded(f));
}

function<int(int)> made_before_main = fn<twice>;

TEST(Function, CallsWhatItWasMadeOf) {
  EXPECT_EQ(fn<twice>(4), 8);
  EXPECT_EQ(function<int(int)>{[](int x) { return x + 1; }}(4), 5);
  EXPECT_EQ(function<int(int)>{scaler{10}}(4), 40);
  EXPECT_EQ(fn<greeting>(), "hello");
  fn<nothing>("x");
}

TEST(Function, ConvertsAsAPlainCallWould) {
  const function<long(short)> f = [](int x) { return x + 1; };
  EXPECT_EQ(f(1), 2L);
}

TEST(Function, IsReadyBeforeMain) { EXPECT_EQ(made_before_main(4), 8); }

TEST(Function, CallsTheSameAfterItWasSent) {
  EXPECT_EQ(sent(fn<twice>)(4), 8);
  EXPECT_EQ(sent(fn<half>)(5), 2.5);
  EXPECT_EQ(sent(function<int(int)>{[](int x) { return x + 1; }})(4), 5);
  EXPECT_EQ(sent(function<int(int)>{scaler{10}})(4), 40);
  EXPECT_EQ(sent(sent(function<int(int)>{scaler{10}}))(4), 40);
}

TEST(Function, IsEqualIfItCallsTheSameWithTheSameData) {
  EXPECT_EQ(fn<twice>, fn<twice>);
  EXPECT_EQ(fn<twice>, sent(fn<twice>));
  EXPECT_NE(fn<twice>, fn<thrice>);
  EXPECT_EQ((function<int(int)>{scaler{2}}), (function<int(int)>{scaler{2}}));
  EXPECT_NE((function<int(int)>{scaler{2}}), (function<int(int)>{scaler{3}}));
  EXPECT_NE((function<int(int)>{}), fn<twice>);
}

TEST(Function, EmptyIsFalseAndCannotBeCalled) {
  const function<int(int)> none;
  EXPECT_FALSE(none);
  EXPECT_TRUE(fn<twice>);
  EXPECT_THROW(none(1), troupe::unknown_function);
  EXPECT_EQ(none.name(), "");
  EXPECT_FALSE(sent(none));
  EXPECT_EQ(sent(none), none);
}

TEST(Function, HasTheNameOfWhatItCalls) {
  EXPECT_THAT(fn<twice>.name(), HasSubstr("::twice"));
  EXPECT_THAT((function<int(int)>{scaler{}}).name(), HasSubstr("scaler"));
}

TEST(Function, UnknownHereIsKeptComparedAndSentOnButNotCalled) {
  const auto in = bytes::from_hex("efcdab8967452301 0000000000000000");
  const auto f = troupe::decode<function<int(int)>>(in);
  EXPECT_TRUE(f);
  EXPECT_EQ(f, f);
  EXPECT_NE(f, fn<twice>);
  EXPECT_EQ(bytes::encoded(f), in);
  EXPECT_EQ(f.name(), "");
  try {
    f(1);
    FAIL();
  } catch (const troupe::unknown_function& e) {
    EXPECT_THAT(e.what(), HasSubstr("link it here"));
  }
}

TEST(Function, OfAnotherSignatureIsUnknown) {
  const auto f = troupe::decode<function<double(double)>>(bytes::encoded(fn<twice>));
  EXPECT_THROW(f(1), troupe::unknown_function);
}

TEST(Function, WithDataThatMakesNoSenseFailsWhenItIsCalled) {
  for (const char* data : {"0100000000000000 07", "0500000000000000 0700000000"}) {
    auto in = bytes::encoded(function<int(int)>{scaler{2}});
    in.resize(8);
    const auto wrong = bytes::from_hex(data);
    in.insert(in.end(), wrong.begin(), wrong.end());
    const auto f = troupe::decode<function<int(int)>>(in);
    EXPECT_THROW(f(1), troupe::decode_error);
  }
}

TEST(Function, CutAnywhereIsRefused) {
  const auto whole = bytes::encoded(function<int(int)>{scaler{2}});
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_THROW(troupe::decode<function<int(int)>>(bytes::view{whole}.first(n)),
                 troupe::decode_error);
}

TEST(Function, TakesAndReturnsFunctions) {
  using inner = function<int(int)>;
  const function<inner(inner)> same = [](inner f) { return f; };
  EXPECT_EQ(sent(same)(fn<twice>)(4), 8);
}

}  // namespace
