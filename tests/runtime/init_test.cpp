#include <troupe/init.hpp>

#include "runtime/system_impl.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

TEST(Init, WasCalledByThisProgramsMain) { EXPECT_TRUE(detail::init_was_called()); }

TEST(Init, MayBeCalledAgain) { init(0, nullptr); }

}  // namespace
}  // namespace troupe
