#include <holdfast/checkpoint/base/quotes.h>

#include <gtest/gtest.h>

#include <string>

namespace holdfast::format {
namespace {

TEST(InQuotes, IsPrintable) {
  EXPECT_EQ(in_quotes("a\tb"), "\"a\\x09b\"");
}

TEST(InQuotes, CutsALongText) {
  EXPECT_EQ(in_quotes(std::string(600, 'x')), "\"" + std::string(512, 'x') + "…\"");
  EXPECT_EQ(in_quotes("x" + std::string(511, 'y') + "é"), "\"x" + std::string(511, 'y') + "…\"");
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "é";
  EXPECT_EQ(in_quotes("x" + umlauts), "\"x" + umlauts.substr(0, 510) + "…\"");
}

TEST(ListInQuotes, TellsTheFirst) {
  EXPECT_EQ(list_in_quotes({"a", "b\n"}), "\"a\", \"b\\x0a\"");
  EXPECT_EQ(list_in_quotes(std::vector<std::string>(100'000, "a")),
            R"("a", "a", "a", "a", "a", "a", "a", "a", …)");
}

}  // namespace
}  // namespace holdfast::format
