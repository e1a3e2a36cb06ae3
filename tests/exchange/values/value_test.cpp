#include <holdfast/checkpoint/exchange/values/value.h>

#include "exchange/exchange_fixture.h"

namespace holdfast::testing {
namespace {

using exchange::items_of;
using exchange::value_of;

TEST(Values, OfItemsAreAnOrderedDict) {
  const Item weight = floats("b.weight", {2});
  const std::vector<Item> items = {weight,         alias("a.weight", weight), integer("n", 7),
                                   real("x", 2.5), boolean("yes", true),      text("t", "ü"),
                                   none("nothing")};
  const Value value = value_of(items);
  const Dict& dict = *value.dict();
  EXPECT_TRUE(dict.is_ordered);
  EXPECT_EQ(*dict.entries[0].key.text(), "b.weight");
  EXPECT_EQ(dict.find("a.weight")->tensor(), dict.find("b.weight")->tensor());
  EXPECT_EQ(*dict.find("n")->integer(), 7);
  EXPECT_EQ(*dict.find("x")->real(), 2.5);
  EXPECT_EQ(*dict.find("yes")->boolean(), true);
  EXPECT_EQ(*dict.find("t")->text(), "ü");
  EXPECT_TRUE(dict.find("nothing")->is_none());
  EXPECT_EQ(dict.find("other"), nullptr);
  expect_same(items, items_of(value));
}

TEST(Values, NameTheEntryThatIsNoSingleValue) {
  Dict dict;
  dict.add("model", Dict());
  expect_error(ErrorKind::kUnsupported,
               "\"model\" is not a single value: expected a tensor, a number, a string or None, "
               "found a dict; pick the dict that holds the tensors",
               [&] { items_of(dict); });
  dict = Dict();
  dict.add(3, Value());
  expect_error(ErrorKind::kUnsupported, "expected a str, found int", [&] { items_of(dict); });
  expect_error(ErrorKind::kUnsupported, "this is not a dict of tensors: a list",
               [&] { items_of(List()); });
}

TEST(Values, RefuseWhatPythonHasNotAndWhatIsNotSound) {
  Item undefined = none("buffer");
  undefined.kind = Kind::kUndefined;
  expect_error(ErrorKind::kUnsupported, "buffer: Python has no value for an undefined tensor",
               [&] { value_of({undefined}); });
  expect_error(ErrorKind::kUnsupported, "t: this text cannot be a string of Python",
               [&] { value_of({text("t", "\xff")}); });
  expect_error(ErrorKind::kInvalidArgument, "n: two items have the same name", [&] {
    value_of({none("n"), none("n")});
  });
  expect_error(ErrorKind::kInvalidArgument,
               "a: it is tied to something that is not an earlier item",
               [&] { value_of({alias("a", floats("b", {1}))}); });
}

TEST(Values, AreCalledAsInPython) {
  EXPECT_EQ(Value().type_name(), "None");
  EXPECT_EQ(Value(true).type_name(), "bool");
  EXPECT_EQ(Value(1).type_name(), "int");
  EXPECT_EQ(Value(1.0).type_name(), "float");
  EXPECT_EQ(Value("s").type_name(), "str");
  EXPECT_EQ(Value(List()).type_name(), "list");
  EXPECT_EQ(Value(Tuple()).type_name(), "tuple");
  EXPECT_EQ(Value(Dict()).type_name(), "dict");
  EXPECT_EQ(Value(std::make_shared<const Tensor>()).type_name(), "Tensor");
}

}  // namespace
}  // namespace holdfast::testing
