#include <holdfast/checkpoint/state/environment.h>

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/version.h>

namespace holdfast::testing {
namespace {

TEST(Environment, TellsWhatTheBitsOfARunDependOn) {
  const auto found = environment();
  EXPECT_EQ(found.at("torch"), TORCH_VERSION);
  EXPECT_EQ(found.at("threads"), std::to_string(at::get_num_threads()));
  for (const char* key : {"cpu_capability", "interop_threads", "host"}) {
    EXPECT_THAT(found.at(key), ::testing::Not(::testing::AnyOf("", "unknown"))) << key;
  }
}

TEST(Environment, IsTheSameWhenItIsAskedForAgain) {
  EXPECT_EQ(environment(), environment());
}

TEST(Environment, FollowsTheNumberOfThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(threads + 1);
  EXPECT_EQ(environment().at("threads"), std::to_string(threads + 1));
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace holdfast::testing
