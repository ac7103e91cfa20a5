#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/init.hpp>

int main(int argc, char** argv) {
  troupe::init(argc, argv);  // the worker processes of the tests are this program, too
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
