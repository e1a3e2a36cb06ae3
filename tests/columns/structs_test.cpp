#include <holdfast/checkpoint/base/error.h>

#include "columns_fixture.h"
#include "support/expect_error.h"

namespace outside {

struct Point {
  float x = 0, y = 0;
  bool operator==(const Point& other) const { return x == other.x && y == other.y; }
};
HOLDFAST_FIELDS_OF(Point, x, y)

}  // namespace outside

namespace holdfast {
namespace {

using testing::back;
using testing::expect_error;
using testing::expect_stored_as;

struct Transition {
  std::array<float, 2> state{};
  int action = 0;
  std::string note;
  bool operator==(const Transition& other) const {
    return state == other.state && action == other.action && note == other.note;
  }
  HOLDFAST_FIELDS(state, action, note)
};

TEST(Structs, AreOneColumnForEachField) {
  expect_stored_as(Transition{{1, 2}, 3, "a"},
                   {"x/state float32[2]", "x/action int32[]", "x/note text"});
  expect_stored_as(std::vector<Transition>{{{1, 2}, 3, "a"}, {{4, 5}, 6, "bc"}},
                   {"x/length uint64[]", "x/items/state float32[2, 2]", "x/items/action int32[2]",
                    "x/items/note/length uint64[2]", "x/items/note/bytes uint8[3]"});
  expect_stored_as(std::vector<Transition>(),
                   {"x/length uint64[]", "x/items/state float32[0, 2]", "x/items/action int32[0]",
                    "x/items/note/length uint64[0]", "x/items/note/bytes uint8[0]"});
}

TEST(Structs, MayBeSomebodyElses) {
  expect_stored_as(std::vector<outside::Point>(2),
                   {"x/length uint64[]", "x/items/x float32[2]", "x/items/y float32[2]"});
}

struct Base {
  int id = 0;
  HOLDFAST_FIELDS(id)
};
struct Derived : Base {
  double weight = 0;
  bool operator==(const Derived& other) const { return id == other.id && weight == other.weight; }
  template <typename Visitor>
  void fields(Visitor& visit) {
    Base::fields(visit);
    visit("the weight/in kg", weight);
  }
};

TEST(Structs, MayNameTheirFieldsThemselves) {
  Derived derived;
  derived.id = 4;
  derived.weight = 2.5;
  expect_stored_as(derived, {"x/id int32[]", "x/the weight%2Fin kg scalar[]"});
}

// As a program for cereal has it: name-value pairs, a base class, operator().
template <typename T>
struct NameValuePair {
  const char* name;
  T& value;
};
template <typename T>
NameValuePair<T> nvp(const char* name, T& value) {
  return {name, value};
}
template <typename T>
struct BaseClass {
  T* base_ptr;
};

struct Cereal : Base {  // whose serialize() hides the fields() of its base
  int a = 1;
  std::vector<float> b;
  bool operator==(const Cereal& other) const {
    return id == other.id && a == other.a && b == other.b;
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(BaseClass<Base>{this}, nvp("b", b));
    archive(a);
  }
};
// As for Boost.
struct Boost {
  int a = 1, b = 2;
  bool operator==(const Boost& other) const { return a == other.a && b == other.b; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive& a;
    archive& b;
  }
};

TEST(Structs, MayHaveASerializeOfOtherLibraries) {
  Cereal cereal;
  cereal.id = 7;
  cereal.a = 2;
  cereal.b = {1, 2};
  expect_stored_as(cereal, {"x/0/id int32[]", "x/b float32[2]", "x/2 int32[]"});
  expect_stored_as(std::vector<Boost>{{3, 4}, {5, 6}},
                   {"x/length uint64[]", "x/items/0 int32[2]", "x/items/1 int32[2]"});
}

struct Node {
  int value = 0;
  std::vector<Node> children;
  std::unique_ptr<Node> next;
  HOLDFAST_FIELDS(value, children, next)
};

int sum(const Node& node) {
  int all = node.value;
  for (const Node& child : node.children) all = all * 3 + sum(child);
  return node.next ? all * 5 + sum(*node.next) : all;
}

TEST(Structs, MayContainThemselves) {
  Node root, loaded;
  root.children.resize(2);
  root.children[1].children.resize(3);
  root.children[1].children[2].value = 9;
  root.next = std::make_unique<Node>();
  root.next->value = 4;
  loaded.children.resize(7);
  testing::Columns columns = testing::columns_of(root);
  testing::load(columns.stored(), loaded);
  EXPECT_EQ(sum(loaded), sum(root));
  EXPECT_EQ(loaded.children.size(), 2U);
  EXPECT_THAT(columns.stored().left(), ::testing::IsEmpty());
}

struct Fixed {
  explicit Fixed(int start) : number(start) {}
  int number;
  HOLDFAST_FIELDS(number)
};
struct Holder {
  Fixed fixed{3};
  std::pair<Fixed, int> pair{Fixed(4), 5};
  HOLDFAST_FIELDS(fixed, pair)
};

TEST(Structs, WithoutADefaultConstructorAreLoadedInPlace) {
  Holder saved, loaded;
  saved.fixed.number = 10;
  saved.pair.first.number = 11;
  testing::Columns columns = testing::columns_of(saved);
  testing::load(columns.stored(), loaded);
  EXPECT_EQ(loaded.fixed.number, 10);
  EXPECT_EQ(loaded.pair.first.number, 11);
}

struct Changing {
  bool more = false;
  int a = 0, b = 0;
  template <typename Visitor>
  void fields(Visitor& visit) {
    visit("a", a);
    if (more) visit("b", b);
  }
};

TEST(Structs, VisitTheSameFieldsEachTime) {
  std::vector<Changing> changing(2);
  changing[1].more = true;
  expect_error(ErrorKind::kUnsupported, "visits other fields than before",
               [&] { testing::columns_of(changing); });
}

struct Twice {
  int a = 0;
  template <typename Visitor>
  void fields(Visitor& visit) {
    visit("a", a);
    visit("a", a);
  }
};

TEST(Structs, NameEachFieldOnce) {
  Twice twice;
  expect_error(ErrorKind::kInvalidArgument, "two fields of a struct have this name",
               [&] { testing::columns_of(twice); });
}

struct Many {
  int a1 = 1, a2 = 2, a3 = 3, a4 = 4, a5 = 5, a6 = 6, a7 = 7, a8 = 8, b1 = 1, b2 = 2, b3 = 3,
      b4 = 4, b5 = 5, b6 = 6, b7 = 7, b8 = 8, c1 = 1, c2 = 2, c3 = 3, c4 = 4, c5 = 5, c6 = 6,
      c7 = 7, c8 = 8, d1 = 1, d2 = 2, d3 = 3, d4 = 4, d5 = 5, d6 = 6, d7 = 7, d8 = 8;
  HOLDFAST_FIELDS(a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8, c1, c2, c3, c4,
                  c5, c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8)
};

TEST(Structs, HaveUpTo32FieldsByTheMacro) {
  Many many;
  EXPECT_EQ(testing::columns_of(many).names().size(), 32U);
}

}  // namespace
}  // namespace holdfast
