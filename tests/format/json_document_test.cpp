// A JSON text as values, and what is refused of it.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/json/document.h>
#include <holdfast/checkpoint/format/json/object.h>

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

// What parsers are known to take: each is bytes that some other parser reads as something else.
TEST(JsonDocument, RefusesWhatParsersAreLenientAbout) {
  using namespace std::string_literals;
  const std::string sound = R"({"a": 1})";
  for (const std::string& text : {"\xef\xbb\xbf" + sound,
                                  "\xef\xbb\xbf"s,
                                  sound + "\0"s,
                                  sound + "\0{\"b\": 2}"s,
                                  sound + "\n\0"s,
                                  "\0"s + sound,
                                  "\0"s,
                                  "{\"a\0\": 1}"s,
                                  "[\"a\0\"]"s,
                                  sound + "\x0b",
                                  sound + "\x0c",
                                  sound + "\xc2\xa0",
                                  sound + "\x1a",
                                  sound + ",",
                                  sound + "}",
                                  "\xff\xfe[\0]\0"s,
                                  "[1e400]"s,
                                  "[-1e400]"s,
                                  "[00]"s,
                                  "[01]"s,
                                  "[-01]"s,
                                  "[+1]"s,
                                  "[1.]"s,
                                  "[.5]"s,
                                  "[1e]"s,
                                  "[0x1]"s,
                                  "[NaN]"s,
                                  "[Infinity]"s,
                                  "[-]"s,
                                  "[\"\t\"]"s,
                                  "[\"\n\"]"s,
                                  "[\"\\x41\"]"s,
                                  "[\"\\ud800\"]"s,
                                  "[\"\\udc00\"]"s,
                                  "[\"\\ud800\\u0041\"]"s,
                                  "[\"\\udc00\\ud800\"]"s,
                                  "[\"\xc0\x80\"]"s,
                                  "[\"\xed\xa0\x80\"]"s,
                                  "[\"\xf4\x90\x80\x80\"]"s,
                                  "[True]"s,
                                  "[1 2]"s,
                                  "[,1]"s,
                                  "/**/[1]"s,
                                  "[1]#"s,
                                  R"({"a": 1, "\u0061": 2})"s,
                                  "{a: 1}"s,
                                  "{1: 1}"s,
                                  "{'a': 1}"s})
    expect_error(ErrorKind::kCorrupt, "strict JSON", [&] { parse(text); });
}

TEST(JsonDocument, SaysWhatWasThereThatIsNoJson) {
  using namespace std::string_literals;
  expect_error(ErrorKind::kCorrupt, "a byte order mark", [] { parse("\xef\xbb\xbf{}"); });
  expect_error(ErrorKind::kCorrupt, "a byte of 0 at byte 2", [] { parse("{}\0 garbage"s); });
}

TEST(JsonDocument, TakesWhiteSpaceAndEscapesAsTheRfcHasThem) {
  const JsonDocument document =
      parse(" \t\r\n[\"\\u0000\\ud83d\\ude00\\/\\u00e9\", -0, 1E+2, -1.5e-3, 1e-400] \t\r\n\n");
  const std::vector<std::string> all = described(document.root());
  EXPECT_EQ(all.front(), "\"\\x00😀/é\"");
  EXPECT_EQ(all.size(), 5u);
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
