#include <holdfast/checkpoint/base/utf8.h>

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  EXPECT_EQ(printable("Größe 重み 🔥 \\ \"x\""), "Größe 重み 🔥 \\ \"x\"");
  EXPECT_EQ(printable("عربي עברית – …"), "عربي עברית – …");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesWhatWouldMoveTheCursorOrIsNoText) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
  EXPECT_EQ(printable("\x7f\xc2\x9b"), "\\x7f\\xc2\\x9b");
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(printable(std::string(1, '\0')), "\\x00");
}

TEST(Printable, EscapesWhatBreaksLinesOrTurnsTheirDirection) {
  EXPECT_EQ(printable("a\u2028b\u2029c"), "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9c");
  EXPECT_EQ(printable("\u202a\u202e"), "\\xe2\\x80\\xaa\\xe2\\x80\\xae");
  EXPECT_EQ(printable("\u2066\u2069"), "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
  EXPECT_EQ(printable("\u2027\u202f\u2065\u206a"), "\u2027\u202f\u2065\u206a")
      << "their neighbours";
}

TEST(Printable, ChangesNothingTheSecondTime) {
  const std::string once = printable("a\n\x1b\xff\u202e\\x41");
  EXPECT_EQ(printable(once), once);
}

TEST(PrintableLines, KeepsLineFeedsAlone) {
  EXPECT_EQ(printable_lines("a\nb\r\n\x1b[31m"), "a\nb\\x0d\n\\x1b[31m");
}

TEST(Beginning, CutsNoCharacterInTwo) {
  EXPECT_EQ(beginning("aé重🔥", 100), "aé重🔥");
  EXPECT_EQ(beginning("aé重🔥", 10), "aé重🔥");
  EXPECT_EQ(beginning("aé重🔥", 9), "aé重");
  EXPECT_EQ(beginning("aé重🔥", 5), "aé");
  EXPECT_EQ(beginning("aé", 2), "a");
  EXPECT_EQ(beginning("é", 1), "");
  EXPECT_EQ(beginning("\x80\x80\x80\x80\x80\x80", 5).size(), 2u) << "that is no text at all";
}

}  // namespace
}  // namespace holdfast
