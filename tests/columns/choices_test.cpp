#include <holdfast/checkpoint/base/error.h>

#include "columns_fixture.h"

namespace holdfast {
namespace {

using testing::back;
using testing::expect_stored_as;

TEST(Choices, OfOptionalsAreMarksAndTheValuesThatAreThere) {
  expect_stored_as(std::optional<int>(5), {"x/present scalar[]", "x/value int32[1]"});
  expect_stored_as(std::optional<int>(), {"x/present scalar[]", "x/value int32[0]"});
  expect_stored_as(std::vector<std::optional<float>>{1.0F, {}, 3.0F},
                   {"x/length uint64[]", "x/items/present bool[3]", "x/items/value float32[2]"});
  EXPECT_EQ(back(std::optional<int>(), {7}), std::nullopt);
}

TEST(Choices, OfVariantsAreIndicesAndTheValuesOfEachType) {
  using Action = std::variant<std::monostate, int, std::string>;
  expect_stored_as(Action("go"), {"x/index int32[]", "x/1 int32[0]", "x/2/length uint64[1]",
                                  "x/2/bytes uint8[2]"});
  expect_stored_as(std::vector<Action>{5, "go", Action(), 6},
                   {"x/length uint64[]", "x/items/index int32[4]", "x/items/1 int32[2]",
                    "x/items/2/length uint64[1]", "x/items/2/bytes uint8[2]"});
}

TEST(Choices, OfPairsAndTuplesAreTheirParts) {
  expect_stored_as(std::pair<int, std::string>(1, "a"), {"x/first int32[]", "x/second text"});
  expect_stored_as(std::tuple<int, float, std::array<char, 2>>(1, 2, {'a', 'b'}),
                   {"x/0 int32[]", "x/1 float32[]", "x/2 int8[2]"});
  expect_stored_as(std::tuple<>(), {"x none[]"});
  expect_stored_as(std::monostate(), {"x none[]"});
}

TEST(Choices, OfPointersKeepTheObjectThatIsThere) {
  auto saved = std::make_unique<int>(5), loaded = std::make_unique<int>(6);
  const int* const before = loaded.get();
  testing::Columns columns = testing::columns_of(saved);
  testing::load(columns.stored(), loaded);
  EXPECT_EQ(*loaded, 5);
  EXPECT_EQ(loaded.get(), before);
  loaded.reset();
  testing::load(columns.stored(), loaded);
  EXPECT_EQ(*loaded, 5);
}

struct Thrower {
  Thrower() = default;
  Thrower(const Thrower&) { throw 1; }
  Thrower& operator=(const Thrower&) = default;
  template <typename Visitor>
  void fields(Visitor& visit) {
    visit("number", number);
  }
  int number = 0;
};

TEST(Choices, WithoutAValueAreRefused) {
  std::variant<int, Thrower> variant;
  const Thrower thrower;
  EXPECT_ANY_THROW(variant.emplace<1>(thrower));
  ASSERT_TRUE(variant.valueless_by_exception());
  EXPECT_THROW(testing::columns_of(variant), Error);
}

}  // namespace
}  // namespace holdfast
