#include <holdfast/checkpoint/transform/cast.h>

#include <cmath>
#include <limits>

#include "support/expect_error.h"
#include "support/items.h"
#include "support/python.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using testing::alias;
using testing::expect_error;
using testing::floats;

std::vector<std::byte> bytes_of_item(const Item& item) {
  std::vector<std::byte> bytes(bytes_of(item.dtype, item.shape));
  copy_bytes(item, 0, bytes);
  return bytes;
}

// Every exponent, halfway cases, subnormals, infinities and NaNs, over some MiB.
Item hard_floats() {
  std::vector<std::uint32_t> bits;
  for (std::uint32_t i = 0; i < (1U << 21) + 77; ++i) bits.push_back(i * 2654435761U);
  for (const float special : {0.0F, -0.0F, 65504.0F, 65519.996F, 65520.0F, 1e-8F, 5.9604645e-8F,
                              std::numeric_limits<float>::infinity(), std::nanf("1")}) {
    std::uint32_t pattern = 0;
    std::memcpy(&pattern, &special, sizeof pattern);
    bits.push_back(pattern);
    bits.push_back(pattern | 0x80000000U);
  }
  const auto count = static_cast<std::int64_t>(bits.size());
  return testing::item("w", DType::kFloat32, {count}, testing::bytes_of(bits));
}

TEST(Cast, RoundsAsNumpyDoes) {
  const testing::TemporaryDirectory directory;
  const auto put = [&](const char* name, const Item& item) {
    const auto bytes = bytes_of_item(item);
    std::ofstream(directory / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  };
  const Item single = hard_floats();
  put("f4", single);
  put("f2", cast(single, DType::kFloat16));
  put("f8", cast(single, DType::kFloat64));
  put("bf16", cast(single, DType::kBFloat16));
  put("back", cast(cast(single, DType::kFloat64), DType::kFloat32));
  EXPECT_EQ(testing::run_python("import os\nos.chdir('" + directory.path().string() + R"(')
import numpy as np
np.seterr(all='ignore')
read = lambda name, dtype: np.fromfile(name, dtype)
single = read('f4', '<f4')
def same(found, expected, bits):
    nan = np.isnan(expected)
    return bool((np.isnan(found) == nan).all()
                and (found.view(bits)[~nan] == expected.view(bits)[~nan]).all())
print(same(read('f2', '<f2'), single.astype('<f2'), '<u2'))
print(same(read('f8', '<f8'), single.astype('<f8'), '<u8'))
print(same(read('back', '<f4'), single, '<u4'))
bits = single.view('<u4').astype('<u8')
even = ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16).astype('<u4') << 16
nan = np.isnan(single)
brain = read('bf16', '<u2').astype('<u4') << 16
print(bool((np.isnan(brain.view('<f4')) == nan).all() and (brain[~nan] == even[~nan]).all()))
)"),
            "True\nTrue\nTrue\nTrue\n");
}

TEST(Cast, GivesTheSameBytesInPartsOfAnySize) {
  const Item half = cast(hard_floats(), DType::kFloat16);
  const auto whole = bytes_of_item(half);
  for (const std::uint64_t offset : {0U, 1U, 4095U, (2U << 20) - 3}) {
    std::vector<std::byte> part(1001);
    copy_bytes(half, offset, part);
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<long>(offset)));
  }
}

TEST(Cast, LeavesWhatIsNoFloatingPointTensorAsItIs) {
  for (const Item& item :
       {testing::integer("step", 3), testing::real("lr", 0.1), testing::text("name", "n"),
        testing::none("nothing"), testing::item("i", DType::kInt64, {1}, std::vector<std::byte>(8)),
        testing::item("b", DType::kBool, {1}, std::vector<std::byte>(1)),
        testing::item("c", DType::kComplex64, {1}, std::vector<std::byte>(8)),
        testing::item("h", DType::kFloat16, {1}, std::vector<std::byte>(2))}) {
    const Item same = cast(item, DType::kFloat16);
    EXPECT_EQ(same.dtype, item.dtype) << item.name;
    EXPECT_EQ(same.source, item.source) << item.name;
  }
}

TEST(Cast, OfAnAliasOrAnEmptyTensorHasTheNewType) {
  const Item tied = cast(alias("tied", floats("w", {2})), DType::kBFloat16);
  EXPECT_EQ(tied.dtype, DType::kBFloat16);
  EXPECT_EQ(tied.alias_of, "w");
  EXPECT_EQ(cast(floats("empty", {0, 3}), DType::kFloat64).dtype, DType::kFloat64);
}

TEST(Cast, IsToFloatingPointOnly) {
  expect_error(ErrorKind::kInvalidArgument, "int8", [] { cast(floats("w", {2}), DType::kInt8); });
  expect_error(ErrorKind::kInvalidArgument, "complex64",
               [] { cast(floats("w", {2}), DType::kComplex64); });
}

TEST(Cast, ToATypeWithoutASignIsRefused) {
  expect_error(ErrorKind::kInvalidArgument, "without a sign",
               [] { cast(floats("w", {2}), DType::kFloat8E8M0FNU); });
}

}  // namespace
}  // namespace holdfast
