#include "runtime/asking.hpp"

#include "actors/queue_state.hpp"

#include "tests/runtime/support.hpp"

using namespace support;
using namespace troupe::detail;

namespace {

TEST(Asking, AHandleWithoutAnObjectIsMisuseByName) {
  EXPECT_THAT(what(thrown_by([] { need_object({}, "semaphore"); })),
              testing::HasSubstr("belongs to no semaphore"));
}

TEST(Asking, ThingsAreMadeInASystemThatWasMoved) {
  std::optional<troupe::system> sys{std::in_place};
  troupe::system moved = std::move(*sys);
  auto make = [&] {
    return make_object(moved, object_kind::queue, std::make_unique<queue_state>(queue_rules{}));
  };
  EXPECT_NE(make(), nullptr);
}

TEST(Asking, ARefusalTellsWhatRefused) {
  const auto refused = [](outcome how) { return thrown_by([&] { refuse(how, "thing"); }); };
  EXPECT_TRUE(is<troupe::closed_error>(refused(outcome::closed)));
  EXPECT_TRUE(is<troupe::would_deadlock>(refused(outcome::deadlock)));
  EXPECT_TRUE(is<troupe::broken_barrier>(refused(outcome::broken)));
  EXPECT_TRUE(is<troupe::timeout_error>(refused(outcome::timed_out)));
  EXPECT_TRUE(is<troupe::usage_error>(refused(outcome::misused)));
  EXPECT_TRUE(is<troupe::usage_error>(refused(outcome::not_known)));
  EXPECT_THAT(what(refused(outcome::closed)), testing::HasSubstr("thing"));
}

TEST(Asking, TimesAreToldInWords) {
  EXPECT_EQ(in_words(1500ms), "1.5 s");
  EXPECT_EQ(in_words(20ms), "20 ms");
  EXPECT_EQ(in_words(5us), "5 us");
}

}  // namespace
