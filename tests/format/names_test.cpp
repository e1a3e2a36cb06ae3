#include <holdfast/checkpoint/format/names.h>

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;

// Strings that are one byte, two bytes, and that look like escapes.
std::set<std::string> awkward_components() {
  std::set<std::string> components = {"",    ".", "..",  "...", "%", "%%",
                                      "%2F", "/", "a/b", "%2",  "é"};
  for (int first = 0; first < 256; ++first) {
    components.insert(std::string(1, static_cast<char>(first)));
    for (const char second :
         {'\0', '%', '.', '/', '2', 'F', '\x7F', '\x80', '\xBF', '\xC3', '\xFF'}) {
      components.insert({static_cast<char>(first), second});
    }
  }
  return components;
}

TEST(Names, KeepOrdinaryComponentsAsTheyAre) {
  EXPECT_EQ(escape("fc1.weight"), "fc1.weight");
  EXPECT_EQ(escape("Größe 重み 🔥"), "Größe 重み 🔥");
  EXPECT_EQ(escape("..."), "...");
}

TEST(Names, EscapeWhatAPathWouldTakeApart) {
  EXPECT_EQ(escape("a/b"), "a%2Fb");
  EXPECT_EQ(escape("100%"), "100%25");
  EXPECT_EQ(escape("."), "%2E");
  EXPECT_EQ(escape(".."), "%2E%2E");
  EXPECT_EQ(escape(""), "%");
}

TEST(Names, EscapeControlBytesAndWhatIsNotUtf8) {
  EXPECT_EQ(escape(std::string("\0\n\x7F", 3)), "%00%0A%7F");
  EXPECT_EQ(escape("\xC3("), "%C3(");
  EXPECT_EQ(escape("\xED\xA0\x80"), "%ED%A0%80") << "a surrogate";
  EXPECT_EQ(escape("\xC0\xAF"), "%C0%AF") << "an overlong '/'";
  EXPECT_EQ(escape("\xF4\x90\x80\x80"), "%F4%90%80%80") << "above U+10FFFF";
  EXPECT_EQ(escape("\xE2\x82"), "%E2%82") << "cut off";
}

TEST(Names, ComeBackFromEscapingWhateverTheBytes) {
  for (const std::string& component : awkward_components()) {
    EXPECT_EQ(unescape(escape(component)), component);
  }
}

TEST(Names, NeverCollideWhenEscaped) {
  std::set<std::string> escaped;
  for (const std::string& component : awkward_components()) escaped.insert(escape(component));
  EXPECT_EQ(escaped.size(), awkward_components().size());
}

TEST(Names, RefuseTextThatEscapingDoesNotReturn) {
  for (const char* text : {"", ".", "..", "%2", "%2f", "%41", "a/b", "%zz", "%values", "%at-0-0",
                           "a%", "\n", "\xFF"}) {
    EXPECT_EQ(unescape(text), std::nullopt) << '"' << text << '"';
  }
}

TEST(Names, JoinAndSplitAreInverse) {
  const std::string name = join({"models", "a/b", "", "fc1.weight"});
  EXPECT_EQ(name, "models/a%2Fb/%/fc1.weight");
  EXPECT_EQ(split(name), (std::vector<std::string>{"models", "a/b", "", "fc1.weight"}));
}

TEST(Names, AreValidOnlyAsJoined) {
  EXPECT_TRUE(is_valid_name("models/mlp/parameters/fc1.weight"));
  for (const char* name : {"", "/", "/a", "a/", "a//b", "a/../b", "a\nb"}) {
    EXPECT_FALSE(is_valid_name(name)) << '"' << name << '"';
  }
}

TEST(Names, AreOfALimitedNumberOfComponents) {
  std::string deepest = "x";
  for (std::size_t i = 1; i < kMaxNameComponents; ++i) deepest += "/x";
  EXPECT_TRUE(is_valid_name(deepest));
  EXPECT_FALSE(is_valid_name(deepest + "/x"));
}

TEST(Names, HaveALimitThatIsTheSameForMakingAndChecking) {
  const std::string longest(kMaxNameBytes, 'x');
  EXPECT_EQ(join({longest}), longest);
  EXPECT_TRUE(is_valid_name(longest));
  EXPECT_FALSE(is_valid_name(longest + "x"));
  expect_error(ErrorKind::kInvalidArgument, "too long", [&] { join({longest, "x"}); });
  expect_error(ErrorKind::kInvalidArgument, "at least one component", [] { join({}); });
}

TEST(Names, MatchAPatternWhoseStarMatchesSlashesToo) {
  EXPECT_TRUE(matches("models/*", "models/a/parameters/w"));
  EXPECT_TRUE(matches("*.weight", "models/a/parameters/fc1.weight"));
  EXPECT_TRUE(matches("models/?/*", "models/a/b"));
  EXPECT_FALSE(matches("models", "models/a"));
}

TEST(Names, MatchTheirOwnLiteralAndNothingElse) {
  for (const std::string text : {"a*b", "a?b", "[ab]", "a\\b", "plain"}) {
    EXPECT_TRUE(matches(literal(text), text)) << text;
    EXPECT_FALSE(matches(literal(text), "axb")) << text;
    EXPECT_FALSE(matches(literal(text), "a")) << text;
  }
}

}  // namespace
}  // namespace holdfast::format
