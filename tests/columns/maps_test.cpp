#include <string>

#include <holdfast/checkpoint/base/error.h>

#include "columns_fixture.h"

namespace holdfast {
namespace {

using testing::back;
using testing::expect_stored_as;

TEST(Maps, AreTheirKeysAndTheirValues) {
  expect_stored_as(std::map<int, double>{{1, 0.5}, {-2, 0.25}},
                   {"x/length uint64[]", "x/keys int32[2]", "x/values float64[2]"});
  expect_stored_as(std::multimap<int, char>{{1, 'b'}, {1, 'a'}, {0, 'c'}},
                   {"x/length uint64[]", "x/keys int32[3]", "x/values int8[3]"});
  expect_stored_as(std::map<std::string, std::vector<float>>{{"a", {1, 2}}, {"bc", {}}},
                   {"x/length uint64[]", "x/keys/length uint64[2]", "x/keys/bytes uint8[3]",
                    "x/values/length uint64[2]", "x/values/items float32[2]"});
}

TEST(Maps, KeepWhatCanOnlyBeMoved) {
  std::map<int, std::unique_ptr<int>> map, loaded;
  map[3] = std::make_unique<int>(4);
  testing::Columns columns = testing::columns_of(map);
  testing::load(columns.stored(), loaded);
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(*loaded.at(3), 4);
}

// The state of a container: what it holds in the order in which it iterates, its buckets, and when
// it grows.
template <typename Container>
void expect_same_state(const Container& a, const Container& b) {
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  EXPECT_EQ(a.bucket_count(), b.bucket_count());
  EXPECT_EQ(a.max_load_factor(), b.max_load_factor());
}

template <typename Container, typename Element>
void expect_to_come_back(const Element& element) {
  Container container;
  expect_same_state(container, back(container));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 700; ++i) container.insert(element(i * 7919 % 1009));
    expect_same_state(container, back(container));
    for (int i = 0; i < 1009; i += 3) {
      const auto found = container.find(element.key(i));
      if (found != container.end()) container.erase(found);
    }
    expect_same_state(container, back(container, Container{element(3)}));
    Container grown = back(container);
    for (int i = 2000; i < 4000; ++i) {
      grown.insert(element(i));
      container.insert(element(i));
    }
    expect_same_state(container, grown);
  }
}

struct Number {
  int operator()(int i) const { return i; }
  int key(int i) const { return i; }
};
struct Named {
  std::pair<const std::string, int> operator()(int i) const { return {key(i), i}; }
  std::string key(int i) const { return "name" + std::to_string(i % 500); }
};

TEST(UnorderedContainers, ComeBackInTheOrderInWhichTheyIterate) {
  expect_to_come_back<std::unordered_set<int>>(Number());
  expect_to_come_back<std::unordered_multiset<int>>(Number());
  expect_to_come_back<std::unordered_map<std::string, int>>(Named());
  expect_to_come_back<std::unordered_multimap<std::string, int>>(Named());
}

TEST(UnorderedContainers, KeepRoomThatWasReserved) {
  std::unordered_map<int, int> map;
  map.max_load_factor(0.5F);
  map.reserve(5000);
  map[4] = 5;
  expect_same_state(map, back(map));
  map.rehash(0);
  expect_same_state(map, back(map));
}

TEST(UnorderedContainers, AreAFewColumns) {
  expect_stored_as(std::unordered_map<int, double>{{1, 0.5}},
                   {"x/length uint64[]", "x/keys int32[1]", "x/values float64[1]",
                    "x/buckets uint64[]", "x/max_load_factor float32[]"});
  expect_stored_as(std::unordered_set<int>{1},
                   {"x/length uint64[]", "x/items int32[1]", "x/buckets uint64[]",
                    "x/max_load_factor float32[]"});
}

struct Upside {
  std::size_t operator()(int number) const { return ~static_cast<std::size_t>(number) % factor; }
  std::size_t factor = 1;
};

// With another hash, the elements stand in other buckets, and no order of insertion helps.
TEST(UnorderedContainers, ThatCannotComeBackAreRefused) {
  std::unordered_set<int, Upside> set(0, Upside{1}), other(0, Upside{100});
  for (int i = 0; i < 50; ++i) set.insert(i * 31 % 53);
  testing::Columns columns = testing::columns_of(set);
  try {
    testing::load(columns.stored(), other);
    FAIL() << "the order came back";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("the order in which the container iterates"));
  }
}

}  // namespace
}  // namespace holdfast
