#include <holdfast/checkpoint/item/dtype.h>

#include <gtest/gtest.h>

#include <set>

namespace holdfast {
namespace {

TEST(DTypes, AreKnownByTheNamesOfPyTorch) {
  EXPECT_EQ(dtype_from_name("float32"), DType::kFloat32);
  EXPECT_EQ(dtype_from_name("bfloat16"), DType::kBFloat16);
  EXPECT_EQ(dtype_from_name("float8_e4m3fnuz"), DType::kFloat8E4M3FNUZ);
  EXPECT_EQ(dtype_from_name("Float32"), std::nullopt);
  EXPECT_EQ(dtype_from_name(""), std::nullopt);
}

TEST(DTypes, HaveDistinctNamesThatLeadBack) {
  std::set<std::string_view> names;
  for (const DType dtype : all_dtypes()) {
    EXPECT_EQ(dtype_from_name(name_of(dtype)), dtype);
    names.insert(name_of(dtype));
  }
  EXPECT_EQ(names.size(), 20u);
}

TEST(DTypes, HaveTheSizesOfTheirElements) {
  EXPECT_EQ(size_of(DType::kBool), 1u);
  EXPECT_EQ(size_of(DType::kFloat16), 2u);
  EXPECT_EQ(size_of(DType::kInt64), 8u);
  EXPECT_EQ(size_of(DType::kComplex64), 8u);
  EXPECT_EQ(size_of(DType::kComplex128), 16u);
  EXPECT_EQ(size_of(DType::kFloat8E8M0FNU), 1u);
}

}  // namespace
}  // namespace holdfast
