// A program whose tests are skipped, for skips_test.cpp.
#include <gtest/gtest.h>

namespace {

TEST(Skipping, IsSkipped) {
  GTEST_SKIP() << "always";
}
TEST(Skipping, Passes) {}

class SkippingFixture : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { GTEST_SKIP() << "always"; }
};
TEST_P(SkippingFixture, IsSkipped) {}
INSTANTIATE_TEST_SUITE_P(Each, SkippingFixture, ::testing::Values(1, 2));

}  // namespace
