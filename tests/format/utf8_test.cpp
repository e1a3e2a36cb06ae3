#include <holdfast/checkpoint/format/utf8.h>

#include <gtest/gtest.h>

#include <string>

namespace holdfast::format {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  EXPECT_EQ(printable("Größe 重み 🔥 \\ \"x\""), "Größe 重み 🔥 \\ \"x\"");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesWhatWouldMoveTheCursorOrIsNoText) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(printable("\x7f\xc2\x9b"), "\\x7f\\xc2\\x9b");
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
}

TEST(InQuotes, CutsALongText) {
  EXPECT_EQ(in_quotes("a\tb"), "\"a\\x09b\"");
  EXPECT_EQ(in_quotes(std::string(600, 'x')), "\"" + std::string(512, 'x') + "…\"");
}

}  // namespace
}  // namespace holdfast::format
