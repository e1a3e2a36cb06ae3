#include <holdfast/checkpoint/inspect/statistics.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <complex>
#include <limits>
#include <string>
#include <vector>

#include "support/allocations.h"
#include "support/expect_error.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::alias;
using testing::floats;
using testing::item;
using testing::none;
using testing::SavedRun;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::uint64_t kMiB = 1 << 20;

SaverOptions in_shards(int count) {
  SaverOptions options;
  options.shards = count;
  return options;
}

Statistics statistics(const CheckpointFiles& files, const std::string& name, int threads = 2) {
  return statistics_of(files, {files.find(name)}, threads)[0];
}

template <typename T>
Statistics statistics_of_values(DType dtype, const std::vector<T>& values) {
  SavedRun run;
  run.save(
      1, {item("a", dtype, {static_cast<std::int64_t>(values.size())}, testing::bytes_of(values))});
  return statistics(run.open(1), "a");
}

TEST(StatisticsTest, AreThoseOfTheNumbers) {
  const Statistics found = statistics_of_values<float>(DType::kFloat32, {3, -1, 4, 2});
  EXPECT_EQ(found.elements, 4u);
  EXPECT_EQ(found.minimum, -1);
  EXPECT_EQ(found.maximum, 4);
  EXPECT_EQ(found.mean, 2);
  EXPECT_EQ(found.nans + found.infinities, 0u);
}

TEST(StatisticsTest, CountNaNsAndInfinitiesAndLeaveThemOutOfTheMean) {
  const Statistics found = statistics_of_values<float>(
      DType::kFloat32, {1, std::nanf(""), 3, kInfinity, std::nanf(""), -kInfinity});
  EXPECT_EQ(found.nans, 2u);
  EXPECT_EQ(found.infinities, 2u);
  EXPECT_EQ(found.minimum, -kInfinity);
  EXPECT_EQ(found.maximum, kInfinity);
  EXPECT_EQ(found.mean, 2);
}

TEST(StatisticsTest, AreNoneWhereThereAreNoNumbers) {
  SavedRun run;
  run.save(1, {floats("empty", {0, 3}), none("none"),
               item("nan", DType::kFloat32, {1}, testing::bytes_of<float>({std::nanf("")}))});
  const CheckpointFiles files = run.open(1);
  for (const std::string name : {"empty", "none", "nan"}) {
    const Statistics found = statistics(files, name);
    EXPECT_EQ(found.elements, name == "nan" ? 1u : 0u);
    EXPECT_TRUE(std::isnan(found.minimum) && std::isnan(found.maximum) && std::isnan(found.mean));
  }
}

TEST(StatisticsTest, AreOfIntegersBoolsAndModuliToo) {
  EXPECT_EQ(statistics_of_values<std::int64_t>(DType::kInt64, {-5, 7}).mean, 1);
  EXPECT_EQ(statistics_of_values<std::uint8_t>(DType::kBool, {1, 0, 1, 0}).mean, 0.5);
  const auto complex =
      statistics_of_values<std::complex<float>>(DType::kComplex64, {{3, 4}, {0, 1}});
  EXPECT_EQ(complex.elements, 2u);
  EXPECT_EQ(complex.minimum, 1);
  EXPECT_EQ(complex.maximum, 5);
  EXPECT_EQ(
      statistics_of_values<std::complex<float>>(DType::kComplex64, {{kInfinity, std::nanf("")}})
          .nans,
      1u);
}

TEST(StatisticsTest, AreTheSameBitsWithAnyNumberOfThreads) {
  std::vector<float> values(3 << 20);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i)) / 3;
  SavedRun run;
  run.save(1, {item("a", DType::kFloat32, {3 << 10, 1 << 10}, testing::bytes_of(values))},
           in_shards(3));
  const CheckpointFiles files = run.open(1);
  const double mean = statistics(files, "a", 1).mean;
  EXPECT_NEAR(mean, 0, 1e-6);
  for (const int threads : {2, 3, 8}) EXPECT_EQ(statistics(files, "a", threads).mean, mean);
}

TEST(StatisticsTest, OfSeveralEntriesComeInTheirOrder) {
  SavedRun run;
  const Item first = floats("first", {100});
  run.save(1, {first, floats("second", {2}, 10), alias("tied", first)}, in_shards(2));
  const CheckpointFiles files = run.open(1);
  std::atomic<std::uint64_t> bytes{0};
  const auto found =
      statistics_of(files, {files.find("second"), files.find("tied"), files.find("first")}, 2,
                    [&](std::uint64_t more) { bytes += more; });
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].mean, 10.5);
  EXPECT_EQ(found[1].maximum, 99);
  EXPECT_EQ(found[2].mean, 49.5);
  EXPECT_EQ(bytes, 808u);
}

TEST(StatisticsTest, TakeBoundedMemory) {
  SavedRun run;
  run.save(1, {floats("w", {1, 30 << 20})});
  const CheckpointFiles files = run.open(1);
  EXPECT_LT(testing::peak_memory_of([&] { statistics(files, "w"); }), 8 * kMiB);
}

TEST(StatisticsTest, AreNotMadeOfDamagedBytes) {
  SavedRun run;
  run.save(1, {floats("w", {1 << 20})});
  run.flip_bit(run.file(1, "shard-00000-of-00001.h5"), 2 * kMiB);
  testing::expect_error(ErrorKind::kCorrupt, "block 2 is damaged",
                        [&] { statistics(run.open(1), "w"); });
}

}  // namespace
}  // namespace holdfast
