#include <troupe/version.hpp>

#include <gtest/gtest.h>

#include <regex>
#include <string>

TEST(Version, IsThreeNumbers) {
  EXPECT_TRUE(std::regex_match(std::string{troupe::version()}, std::regex{R"(\d+\.\d+\.\d+)"}));
}
