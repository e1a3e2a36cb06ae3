// A JSON text as values, and what is refused of it.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/json_document.h>
#include <holdfast/checkpoint/format/json_object.h>

#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;

const std::string kPath = "some.json";

JsonDocument parse(const std::string& text) {
  return JsonDocument(ByteView(text), 1 << 20, kPath);
}

std::vector<std::string> described(const JsonValue& container) {
  std::vector<std::string> texts;
  for (const JsonValue element : container) texts.push_back(element.description());
  return texts;
}

TEST(JsonDocument, HasTheElementsInTheirOrder) {
  const JsonDocument document =
      parse(R"([null, true, false, -1, 9223372036854775807, 1.5, "a\nb", [], {}, [[1], 2], 3])");
  EXPECT_THAT(described(document.root()),
              ElementsAre("null", "true", "false", "-1", "9223372036854775807", "1.5",
                          "\"a\\x0ab\"", "a list", "an object", "a list", "3"));
}

TEST(JsonDocument, HasTheKeysOfNestedObjects) {
  const JsonDocument document = parse(R"({"a": {"b": [1, {"c": 2}], "": "text"}, "é": 0})");
  const auto keys_of = [](const JsonValue& object) {
    std::vector<std::string> keys;
    for (const JsonValue element : object) keys.emplace_back(element.key());
    return keys;
  };
  EXPECT_THAT(keys_of(document.root()), ElementsAre("a", "é"));
  EXPECT_THAT(keys_of(*document.root().begin()), ElementsAre("b", ""));
}

TEST(JsonDocument, KnowsIntegersFromOtherNumbers) {
  const JsonDocument document =
      parse("[-9223372036854775808, 0, 9223372036854775808, -0, 1.0, 1e2]");
  std::vector<bool> integers;
  std::vector<double> numbers;
  for (const JsonValue value : document.root()) {
    integers.push_back(value.integer().has_value());
    numbers.push_back(value.number());
  }
  EXPECT_THAT(integers, ElementsAre(true, true, false, false, false, false));
  EXPECT_THAT(numbers, ElementsAre(-0x1p63, 0, 0x1p63, 0, 1, 100));
}

TEST(JsonDocument, RefusesWhatIsNotStrict) {
  for (const std::string text :
       {"", "{", "[1,]", "{\"a\":1,}", "[1] 2", "nan", "'a'", "[\"\xff\"]", "// comment\n1",
        R"({"a": 1, "b": 2, "a": 3})", R"({"a": [{"": 1, "": 2}]})", "[[[[[[[[[1]]]]]]]]]"})
    expect_error(ErrorKind::kCorrupt, kPath, [&] { parse(text); });
}

TEST(JsonDocument, NamesAKeyThatIsThereTwice) {
  expect_error(ErrorKind::kCorrupt, "the key \"b\" twice",
               [] { parse(R"({"a": 1, "b": {"b": 1}, "c": 2, "b": 3})"); });
}

TEST(JsonObject, NamesTheKeyThatNobodyAskedFor) {
  const JsonDocument document = parse(R"({"a": 1, "b": 2})");
  JsonObject object(document.root(), "it", kPath);
  EXPECT_EQ(object.integer("b"), 2);
  expect_error(ErrorKind::kCorrupt, "the key \"a\" is unknown", [&] { object.finish(); });
  EXPECT_EQ(object.integer("a"), 1);
  object.finish();
}

// There are more of them than it can remember to have been asked for.
TEST(JsonObject, NamesAnUnknownKeyAmongVeryMany) {
  std::string text = R"({"known": 1)";
  for (int i = 0; i < 200; ++i) text += ", \"k" + std::to_string(i) + "\": 0";
  const JsonDocument document = parse(text + "}");
  JsonObject object(document.root(), "it", kPath);
  EXPECT_EQ(object.integer("known"), 1);
  expect_error(ErrorKind::kCorrupt, "the key \"k0\" is unknown", [&] { object.finish(); });
}

}  // namespace
}  // namespace holdfast::format
