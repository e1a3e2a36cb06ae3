#include <algorithm>
#include <bitset>
#include <memory>
#include <numeric>

#include "columns_fixture.h"

namespace holdfast {
namespace {

using testing::back;
using testing::expect_stored_as;
using Words = std::vector<std::string>;

TEST(Lists, OfNumbersAreOneColumn) {
  expect_stored_as(std::vector<float>{1, 2.5F}, {"x float32[2]"});
  expect_stored_as(std::vector<float>(), {"x float32[0]"});
  expect_stored_as(std::deque<long>{1, 2, 3}, {"x int64[3]"});
  expect_stored_as(std::list<char>{'a'}, {"x int8[1]"});
  expect_stored_as(std::forward_list<int>{3, 1, 2}, {"x int32[3]"});
  expect_stored_as(std::set<int>{3, 1, 2}, {"x int32[3]"});
  expect_stored_as(std::multiset<int, std::greater<int>>{3, 1, 3}, {"x int32[3]"});
  expect_stored_as(std::vector<bool>{true, false, true}, {"x bool[3]"});
  expect_stored_as(std::bitset<5>(0b10110), {"x bool[5]"});
}

TEST(Lists, OfArraysAreOneColumnOfMoreDimensions) {
  expect_stored_as(std::array<int, 3>{1, 2, 3}, {"x int32[3]"});
  expect_stored_as(std::array<int, 0>{}, {"x int32[0]"});
  expect_stored_as(std::array<std::array<double, 3>, 2>{{{1, 2, 3}, {4, 5, 6}}},
                   {"x float64[2, 3]"});
  expect_stored_as(std::vector<std::array<float, 2>>{{1, 2}, {3, 4}, {5, 6}}, {"x float32[3, 2]"});
}

TEST(Lists, OfTextsAreTheirLengthsAndBytes) {
  expect_stored_as(std::string("a\0b", 3), {"x text"});
  expect_stored_as(std::string(), {"x text"});
  expect_stored_as(Words{"one", "", "three"},
                   {"x/length uint64[]", "x/items/length uint64[3]", "x/items/bytes uint8[8]"});
  expect_stored_as(std::array<std::string, 2>{"a", "bc"},
                   {"x/length uint64[2]", "x/bytes uint8[3]"});
}

TEST(Lists, OfListsAreFlattened) {
  expect_stored_as(std::vector<std::vector<int>>{{1, 2}, {}, {3}},
                   {"x/length uint64[]", "x/items/length uint64[3]", "x/items/items int32[3]"});
  expect_stored_as(std::array<std::vector<int>, 2>{{{1, 2}, {3}}},
                   {"x/length uint64[2]", "x/items int32[3]"});
  expect_stored_as(std::deque<std::vector<bool>>{{true}, {}, {false, true}},
                   {"x/length uint64[]", "x/items/length uint64[3]", "x/items/items bool[3]"});
  expect_stored_as(
      std::vector<std::deque<std::set<std::string>>>{{{"a"}, {"b", "c"}}, {}, {{}}},
      {"x/length uint64[]", "x/items/length uint64[3]", "x/items/items/length uint64[3]",
       "x/items/items/items/length uint64[3]", "x/items/items/items/bytes uint8[3]"});
}

// One list of numbers is written where it lies; all others are gathered.
TEST(Lists, OfOneListOfNumbersAreNotCopied) {
  std::vector<float> numbers(100);
  struct Seen final : ColumnWriter {
    void column(const std::string&, Kind, DType, const Shape&, ByteView view) override {
      bytes = view;
    }
    ByteView bytes;
  } seen;
  ColumnsOf<std::vector<float>> value(numbers);
  value.save(seen, "x");
  EXPECT_EQ(static_cast<const void*>(seen.bytes.data), numbers.data());
}

TEST(Lists, AreRefilledFromSaveToSave) {
  std::deque<int> numbers = {1, 2};
  ColumnsOf<std::deque<int>> value(numbers);
  testing::Columns first, second;
  value.save(first, "x");
  numbers = {3};
  value.save(second, "x");
  EXPECT_THAT(second.names(), ::testing::ElementsAre("x int32[1]"));
  std::deque<int> loaded;
  testing::load(second.stored(), loaded);
  EXPECT_EQ(loaded, numbers);
}

TEST(Lists, ReplaceWhatWasThere) {
  EXPECT_EQ(back(std::vector<int>{1}, {5, 6, 7}), std::vector<int>{1});
  EXPECT_EQ(back(std::set<int>{1}, {5, 6, 7}), std::set<int>{1});
  EXPECT_EQ(back(std::list<std::string>{"a"}, {"b", "c"}), std::list<std::string>{"a"});
}

TEST(Lists, OfAMillionAreOneColumn) {
  std::deque<std::int64_t> numbers(1'000'000);
  std::iota(numbers.begin(), numbers.end(), 0);
  expect_stored_as(numbers, {"x int64[1000000]"});
}

template <typename Adaptor>
std::vector<int> emptied(Adaptor adaptor) {
  std::vector<int> order;
  for (; !adaptor.empty(); adaptor.pop()) {
    if constexpr (std::is_same_v<Adaptor, std::queue<int>>) {
      order.push_back(adaptor.front());
    } else {
      order.push_back(adaptor.top());
    }
  }
  return order;
}

TEST(Lists, OfAdaptorsKeepTheOrderInside) {
  std::queue<int> queue;
  std::stack<int> stack;
  std::priority_queue<int> priorities;
  for (const int number : {3, 1, 4, 1, 5}) {
    queue.push(number);
    stack.push(number);
    priorities.push(number);
  }
  EXPECT_THAT(emptied(back(queue)), ::testing::ElementsAre(3, 1, 4, 1, 5));
  EXPECT_THAT(emptied(back(stack)), ::testing::ElementsAre(5, 1, 4, 1, 3));
  EXPECT_THAT(emptied(back(priorities)), ::testing::ElementsAre(5, 4, 3, 1, 1));
}

}  // namespace
}  // namespace holdfast
