// Columns that contradict one another, or are those of another type.
#include <limits>
#include <random>

#include <holdfast/checkpoint/base/error.h>

#include "columns_fixture.h"
#include "support/expect_error.h"

namespace holdfast {
namespace {

using testing::expect_error;

class DamagedColumns : public ::testing::Test {
 protected:
  template <typename T>
  void put(const std::string& name, const std::vector<T>& values, const Shape& shape) {
    const ByteSpan to = columns_.add(name, Kind::kTensor, columns::Number<T>::kDType, shape);
    ASSERT_EQ(to.size, values.size() * sizeof(T));
    if (to.size != 0) std::memcpy(to.data, values.data(), to.size);
  }
  void put_bytes(const std::string& name, const std::vector<std::uint8_t>& values) {
    put(name, values, {static_cast<std::int64_t>(values.size())});
  }
  template <typename T>
  void expect_refused(const std::string& message) {
    T value{};
    expect_error(ErrorKind::kMismatch, message, [&] { testing::load(columns_, value); });
  }

  StoredColumns columns_;
};

TEST_F(DamagedColumns, AreNotThere) {
  expect_refused<int>("x: the checkpoint has no such value");
}

TEST_F(DamagedColumns, AreOfAnotherType) {
  put<float>("x", {1}, {});
  expect_refused<int>("expected numbers of type int32, found numbers of type float32");
  expect_refused<std::string>("expected a text");
  expect_refused<std::vector<float>>("of another shape");
  expect_refused<std::array<float, 2>>("of another shape");
}

TEST_F(DamagedColumns, AreOfAnotherSize) {
  put<float>("x", {1, 2, 3, 4, 5, 6}, {2, 3});
  expect_refused<std::array<std::array<float, 2>, 3>>("the array is of another size");
  expect_refused<std::array<float, 6>>("of another shape");
}

TEST_F(DamagedColumns, HaveLengthsThatDoNotAddUp) {
  for (const std::vector<std::uint64_t>& lengths :
       {std::vector<std::uint64_t>{2, 2},
        {1, 1},
        {4, ~std::uint64_t{0}},
        {~std::uint64_t{0}, 4},
        {std::uint64_t{1} << 63, std::uint64_t{1} << 63}}) {
    columns_ = StoredColumns();
    put<std::uint64_t>("x/length", {2}, {});
    put<std::uint64_t>("x/items/length", lengths, {2});
    put_bytes("x/items/bytes", {1, 2, 3});
    expect_refused<std::vector<std::string>>("x/items/length: the lengths do not fit");
  }
}

TEST_F(DamagedColumns, ClaimElementsThatHaveNoBytes) {
  put<std::uint64_t>("x/length", {std::uint64_t{1} << 60}, {});
  expect_refused<std::vector<std::monostate>>("x/length: the lengths do not fit");
}

// The load would take such a file for one that claims them.
TEST(Elements, ThatHaveNoValuesAreRefusedByTheSave) {
  std::vector<std::monostate> list(3);
  expect_error(ErrorKind::kUnsupported, "x: the elements of a container have no values to save",
               [&] { testing::columns_of(list); });
  list.clear();
  testing::back(list);
}

TEST_F(DamagedColumns, HavePartsOfDifferentNumbers) {
  put<std::uint64_t>("x/length", {2}, {});
  put<int>("x/keys", {1, 2}, {2});
  put<int>("x/values", {1, 2, 3}, {3});
  using Map = std::map<int, int>;
  expect_refused<Map>("the parts of a value are not equally many");
}

TEST_F(DamagedColumns, HaveOtherMarksThanValues) {
  put<std::uint64_t>("x/length", {2}, {});
  columns_.add("x/items/present", Kind::kTensor, DType::kBool, {0});
  put<int>("x/items/value", {}, {0});
  expect_refused<std::vector<std::optional<int>>>("the lengths do not fit");
  columns_ = StoredColumns();
  columns_.add("x/present", Kind::kScalar, DType::kBool, {}).data[0] = std::byte(1);
  put<int>("x/value", {}, {0});
  expect_refused<std::optional<int>>("there are not as many values as are needed");
}

TEST_F(DamagedColumns, HaveAnIndexOfNoAlternative) {
  for (const int index : {-1, 2, 1 << 30}) {
    columns_ = StoredColumns();
    put<std::int32_t>("x/index", {index}, {});
    put<int>("x/0", {}, {0});
    put<float>("x/1", {}, {0});
    using Variant = std::variant<int, float>;
    expect_refused<Variant>("no such alternative");
  }
}

TEST_F(DamagedColumns, AskForMoreBucketsThanAnyContainer) {
  put<std::uint64_t>("x/length", {1}, {});
  put<int>("x/items", {4}, {1});
  put<std::uint64_t>("x/buckets", {std::uint64_t{1} << 40}, {});
  put<float>("x/max_load_factor", {1}, {});
  std::unordered_set<int> set;
  expect_error(ErrorKind::kUnsupported, "too many buckets", [&] { testing::load(columns_, set); });
}

TEST_F(DamagedColumns, HaveALoadFactorThatIsNone) {
  for (const float factor : {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(), 1e-30F}) {
    columns_ = StoredColumns();
    put<std::uint64_t>("x/length", {1}, {});
    put<int>("x/items", {4}, {1});
    put<std::uint64_t>("x/buckets", {13}, {});
    put<float>("x/max_load_factor", {factor}, {});
    std::unordered_set<int> set;
    EXPECT_THROW(testing::load(columns_, set), Error) << factor;
  }
}

TEST_F(DamagedColumns, AreNoStateOfAnEngine) {
  put<std::uint64_t>("x", std::vector<std::uint64_t>(625, ~std::uint64_t{0}), {625});
  expect_refused<std::mt19937>("no state of the generator");
  put<std::uint64_t>("x", std::vector<std::uint64_t>(625, 700), {625});
  expect_refused<std::mt19937>("no state of the generator");
  put<std::uint64_t>("x", std::vector<std::uint64_t>(26, 25), {26});
  expect_refused<std::ranlux24_base>("no state of the generator");
  put<std::uint64_t>("x", std::vector<std::uint64_t>(27, 1000), {27});
  expect_refused<std::ranlux24>("no state of the generator");
  put<std::uint64_t>("x", std::vector<std::uint64_t>(258, 0), {258});
  expect_refused<std::knuth_b>("no state of the generator");
}

}  // namespace
}  // namespace holdfast
