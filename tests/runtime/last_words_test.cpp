#include "runtime/worker_process.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace troupe::detail {
namespace {

TEST(LastWords, TheFirstCauseStands) {
  last_words w{};
  say_last_words(w, last_words::terminate, "first");
  say_last_words(w, last_words::crash, "second");
  EXPECT_EQ(w.why, last_words::terminate);
  EXPECT_EQ((std::string_view{w.text, w.length}), "first");
}

TEST(LastWords, AreCutAtTheRoomThereIs) {
  last_words w{};
  say_last_words(w, last_words::terminate, std::string(10'000, 'x').c_str());
  EXPECT_EQ(w.length, sizeof w.text);
}

}  // namespace
}  // namespace troupe::detail
