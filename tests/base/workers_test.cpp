#include <holdfast/checkpoint/base/workers.h>

#include <cstddef>
#include <limits>

#include <gtest/gtest.h>
#include <tbb/global_control.h>

namespace holdfast {
namespace {

using tbb::global_control;

TEST(Workers, AreAsManyAsAreAskedForUpToThoseThatThereAre) {
  const global_control four(global_control::max_allowed_parallelism, 4);
  const auto there_are =
      static_cast<int>(global_control::active_value(global_control::max_allowed_parallelism));
  EXPECT_EQ(workers_of(1), 1);
  EXPECT_EQ(workers_of(1000), there_are);
  EXPECT_LE(there_are, 4);
}

TEST(Workers, AreOneWhereNoneIsAskedFor) {
  EXPECT_EQ(workers_of(0), 1);
  EXPECT_EQ(workers_of(-3), 1);
}

TEST(Workers, AreThoseThatAreAskedForWhereThereIsNoLimit) {
  const global_control all(global_control::max_allowed_parallelism,
                           std::numeric_limits<std::size_t>::max());
  const auto there_are = global_control::active_value(global_control::max_allowed_parallelism);
  EXPECT_EQ(workers_of(8), there_are < 8 ? static_cast<int>(there_are) : 8);
}

}  // namespace
}  // namespace holdfast
