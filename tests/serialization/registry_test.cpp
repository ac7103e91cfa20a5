// Callables and the numbers they go by.
#include "tests/serialization/calls.hpp"
#include "tests/serialization/namesakes.hpp"

#include <troupe/function.hpp>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

namespace there {
int twice(int x) { return 2 * x; }
double overloaded(double x) { return x; }
int overloaded(int x) { return x; }
template <int N>
int plus(int x) {
  return x + N;
}
struct scaler {
  int factor = 1;
  int operator()(int x) const { return factor * x; }
  static int thrice(int x) { return 3 * x; }
};
template <class T>
struct same {
  T operator()(T x) const { return x; }
};
}  // namespace there

namespace {

using namespace troupe::detail;

int local_twin(int x) { return x + 1; }

template <class Lambda>
const callable_entry& entry_of(Lambda) {
  return object_callable<Lambda, int>::entry;
}
const callable_entry& lambda_twin() {
  return entry_of([](int x) { return x + 2; });
}
std::array<const callable_entry*, 2> two_lambdas() {
  return {&entry_of([](int x) { return x + 3; }), &entry_of([](int x) { return x + 4; })};
}

int called(const callable_entry& e, int x) {
  calls::results r{calls::run(e, bytes::encoded(x), 1)};
  return r.value<int>();
}

std::vector<const callable_entry*> all_entries() {
  return {&static_callable<there::twice>::entry,
          &static_callable<static_cast<int (*)(int)>(there::overloaded)>::entry,
          &static_callable<static_cast<double (*)(double)>(there::overloaded)>::entry,
          &static_callable<there::plus<1>>::entry,
          &static_callable<there::plus<2>>::entry,
          &static_callable<there::scaler::thrice>::entry,
          &static_callable<local_twin>::entry,
          &object_callable<there::scaler, int>::entry,
          &lambda_twin(),
          two_lambdas()[0],
          two_lambdas()[1],
          &namesakes::their_function(),
          &namesakes::their_lambda()};
}

std::string all_keys() {
  std::string text;
  for (const auto* e : all_entries()) text += std::to_string(e->key) + " ";
  return text;
}

TEST(Registry, EveryCallableHasAKeyOfItsOwn) {
  std::set<std::uint64_t> keys;
  for (const auto* e : all_entries()) {
    EXPECT_NE(e->key, 0u);
    EXPECT_TRUE(keys.insert(e->key).second) << display_name(*e);
  }
}

TEST(Registry, FindsEveryCallableByItsKey) {
  for (const auto* e : all_entries()) EXPECT_EQ(find_batch(e->key), e) << display_name(*e);
}

TEST(Registry, LocalFunctionsOfOneNameAreToldApart) {
  EXPECT_EQ(called(static_callable<local_twin>::entry, 1), 2);
  EXPECT_EQ(called(namesakes::their_function(), 1), 1001);
}

TEST(Registry, LambdasOfOneNameAreToldApart) {
  EXPECT_EQ(called(lambda_twin(), 1), 3);
  EXPECT_EQ(called(namesakes::their_lambda(), 1), 2001);
  EXPECT_EQ(called(*two_lambdas()[0], 1), 4);
  EXPECT_EQ(called(*two_lambdas()[1], 1), 5);
}

TEST(Registry, OnlyNamesakesAreMarkedAmbiguous) {
  EXPECT_TRUE((static_callable<local_twin>::entry.ambiguous));
  EXPECT_TRUE(namesakes::their_function().ambiguous);
  EXPECT_TRUE(lambda_twin().ambiguous);
  EXPECT_FALSE((static_callable<there::twice>::entry.ambiguous));
  EXPECT_FALSE(two_lambdas()[0]->ambiguous);
}

// Not a test: what the next one lets a second process print.
TEST(Registry, DISABLED_PrintsItsKeys) { std::printf("keys: %s\n", all_keys().c_str()); }

TEST(Registry, KeysAreTheSameInEveryProcessOfTheProgram) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto command = "'" + self + "' --gtest_also_run_disabled_tests " +
                       "--gtest_filter=Registry.DISABLED_PrintsItsKeys";
  const std::unique_ptr<FILE, int (*)(FILE*)> out{popen(command.c_str(), "r"), &pclose};
  ASSERT_NE(out, nullptr);
  std::string text;
  for (int c = std::fgetc(out.get()); c != EOF; c = std::fgetc(out.get()))
    text += static_cast<char>(c);
  EXPECT_NE(text.find("keys: " + all_keys() + "\n"), std::string::npos) << text;
}

TEST(Registry, UnknownKeysAndOtherSignaturesAreNotFound) {
  EXPECT_EQ(find_batch(0), nullptr);
  EXPECT_EQ(find_batch(12345), nullptr);
  const auto key = static_callable<there::twice>::entry.key;
  EXPECT_NE(find_batch(key), nullptr);
  EXPECT_EQ(find_callable(key, typeid(int (*)(int)).name()), nullptr);
}

TEST(Registry, ANameAndItsTwinNeverShareTheKeyOfAnotherName) {
  static callable_entry n1{"Nabc", "s", nullptr}, n2{"Nabc", "s", nullptr};
  static callable_entry o{"Oabc", "s", nullptr}, l{"Labc", "s", nullptr};
  std::set<std::uint64_t> keys{n1.key, n2.key, o.key, l.key};
  EXPECT_EQ(keys.size(), 4u);
}

TEST(DisplayName, IsWhatAPersonWouldWrite) {
  EXPECT_EQ(display_name(static_callable<there::twice>::entry), "there::twice");
  EXPECT_EQ(display_name(static_callable<there::scaler::thrice>::entry), "there::scaler::thrice");
  EXPECT_EQ(display_name(static_callable<local_twin>::entry), "(anonymous namespace)::local_twin");
  EXPECT_EQ(display_name(static_callable<there::plus<1>>::entry), "int there::plus<1>(int)");
  EXPECT_EQ(display_name(static_callable<there::same<int>{}>::entry), "there::same<int>");
  EXPECT_EQ(display_name(object_callable<there::scaler, int>::entry), "there::scaler");
  EXPECT_EQ(display_name(object_callable<there::same<int>, int>::entry), "there::same<int>");
}

TEST(DisplayName, OfSomethingThatIsNoMangledNameIsThat) {
  static callable_entry odd{"no mangled name", "s", nullptr};
  EXPECT_EQ(display_name(odd), "no mangled name");
}

}  // namespace
