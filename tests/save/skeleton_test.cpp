#include <holdfast/checkpoint/save/skeleton.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "resident_memory.h"
#include "support/items.h"

namespace holdfast {
namespace {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they keep what is freed
class SkeletonOf : public ::testing::TestWithParam<int> {};

TEST_P(SkeletonOf, ManyEntriesTakesNoMoreMemoryThanItSaysWhenTheIndexIsBuilt) {
  std::vector<Item> items;
  for (int i = 0; i < GetParam(); ++i)
    items.push_back(testing::floats("models/net/tensor_" + std::to_string(i), {8, 2}));
  const std::uint64_t before = bench::resident_bytes();
  bench::reset_peak_resident_bytes();
  const Skeleton skeleton(items, 1);
  const std::uint64_t said = skeleton.memory_bytes();
  skeleton.index();
  constexpr std::uint64_t kOfLibraries = 8 << 20;
  EXPECT_LE(bench::peak_resident_bytes(), before + said + kOfLibraries);
}

INSTANTIATE_TEST_SUITE_P(By, SkeletonOf, ::testing::Values(1'000, 5'000, 20'000),
                         ::testing::PrintToStringParamName());
#endif

}  // namespace
}  // namespace holdfast
