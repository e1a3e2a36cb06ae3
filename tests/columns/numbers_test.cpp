#include <chrono>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>

#include <holdfast/checkpoint/base/error.h>
#include "columns_fixture.h"

namespace holdfast {
namespace {

using testing::back;
using testing::expect_stored_as;

TEST(Numbers, OfAnyWidthAreStoredAsTheyAre) {
  expect_stored_as<std::int8_t>(-8, {"x int8[]"});
  expect_stored_as<std::uint8_t>(200, {"x uint8[]"});
  expect_stored_as<short>(-300, {"x int16[]"});
  expect_stored_as<std::uint16_t>(65535, {"x uint16[]"});
  expect_stored_as<int>(-70000, {"x int32[]"});
  expect_stored_as<unsigned>(4000000000U, {"x uint32[]"});
  expect_stored_as<long>(std::numeric_limits<long>::min(), {"x scalar[]"});
  expect_stored_as<unsigned long long>(~0ULL, {"x uint64[]"});
  expect_stored_as<float>(-0.1F, {"x float32[]"});
  expect_stored_as<double>(1e-308, {"x scalar[]"});
  expect_stored_as<bool>(true, {"x scalar[]"});
  expect_stored_as<char>('c', {"x int8[]"});
  expect_stored_as<char16_t>(u'ä', {"x uint16[]"});
  expect_stored_as<std::complex<float>>({1, -2}, {"x complex64[]"});
  expect_stored_as<std::complex<double>>({1e300, -2}, {"x complex128[]"});
}

TEST(Numbers, KeepEveryBitOfANaN) {
  const double nan = std::nan("123");
  const double loaded = back(nan);
  EXPECT_EQ(std::memcmp(&loaded, &nan, sizeof nan), 0);
}

TEST(Numbers, OfLongDoubleAreExact) {
  const long double third = 1.0L / 3;
  expect_stored_as<long double>(third, {"x float64[4]"});
  expect_stored_as<long double>(-std::numeric_limits<long double>::max(), {"x float64[4]"});
  expect_stored_as<long double>(std::numeric_limits<long double>::denorm_min(), {"x float64[4]"});
  expect_stored_as<long double>(std::numeric_limits<long double>::infinity(), {"x float64[4]"});
  EXPECT_TRUE(std::isnan(back(std::numeric_limits<long double>::quiet_NaN())));
  EXPECT_TRUE(std::signbit(back(-0.0L)));
}

enum class Phase : std::uint16_t { kWarm, kCold = 500 };
enum Old { kFirst, kSecond };

TEST(Numbers, OfEnumsAreThoseOfTheirType) {
  expect_stored_as(Phase::kCold, {"x uint16[]"});
  expect_stored_as(kSecond, {"x uint32[]"});
  expect_stored_as(std::byte(7), {"x uint8[]"});
}

TEST(Numbers, OfTimesAreCounts) {
  using std::chrono::milliseconds;
  expect_stored_as(milliseconds(-5), {"x scalar[]"});
  expect_stored_as(std::chrono::duration<float>(0.5F), {"x float32[]"});
  expect_stored_as(
      std::chrono::time_point<std::chrono::system_clock, milliseconds>(milliseconds(9)),
      {"x scalar[]"});
}

TEST(Numbers, MayBeAtomic) {
  std::atomic<int> steps(7), loaded(0);
  testing::Columns columns = testing::columns_of(steps);
  testing::load(columns.stored(), loaded);
  EXPECT_EQ(loaded, 7);
}

TEST(Memory, IsStoredByItsShape) {
  std::vector<std::int16_t> board = {1, 2, 3, 4, 5, 6};
  testing::Columns columns;
  MemoryOf<std::int16_t>(board.data(), {2, 3}).save(columns, "x");
  EXPECT_THAT(columns.names(), ::testing::ElementsAre("x int16[2, 3]"));
  std::vector<std::int16_t> loaded(6);
  MemoryOf<std::int16_t> memory(loaded.data(), {2, 3});
  memory.check(columns.stored(), "x");
  memory.load();
  EXPECT_EQ(loaded, board);
  EXPECT_THROW(MemoryOf<std::int16_t>(loaded.data(), {3, 2}).check(columns.stored(), "x"), Error);
  EXPECT_THROW(MemoryOf<float>(nullptr, {2, 3}).check(columns.stored(), "x"), Error);
}

}  // namespace
}  // namespace holdfast
