#include <holdfast/text/table.h>

#include <gtest/gtest.h>

namespace holdfast::text {
namespace {

TEST(TextTable, AlignsLabelsToTheLeftAndValuesToTheRight) {
  EXPECT_EQ(format_table("Training finished", {{"steps", "2,345"}, {"test accuracy", "88.71 %"}}),
            "Training finished\n"
            "------------------------\n"
            "steps              2,345\n"
            "test accuracy    88.71 %\n"
            "------------------------\n");
}

TEST(TextTable, IsAsWideAsItsTitle) {
  EXPECT_EQ(format_table("A long title", {{"a", "1"}}),
            "A long title\n"
            "------------\n"
            "a          1\n"
            "------------\n");
}

TEST(TextTable, CountsCodePointsNotBytes) {
  EXPECT_EQ(format_table("", {{"größe", "1 µs"}, {"x", "10 s"}}),
            "\n"
            "-------------\n"
            "größe    1 µs\n"
            "x        10 s\n"
            "-------------\n");
}

TEST(TextTable, MayBeEmpty) {
  EXPECT_EQ(format_table("none", {}), "none\n----\n----\n");
}

TEST(Columns, StandTwoSpacesApartAsTheirAlignmentSays) {
  EXPECT_EQ(format_columns({{"name"}, {"size", Align::kRight}, {"note"}},
                           {{"weight", "1,024", "tied"}, {"größe", "8", ""}}),
            "name     size  note\n"
            "weight  1,024  tied\n"
            "größe       8\n");
}

TEST(Columns, OfEmptyCellsAreLeftOut) {
  EXPECT_EQ(format_columns({{"a"}, {"b"}, {"c"}}, {{"1", "", "3"}}), "a  c\n1  3\n");
}

TEST(Columns, WithoutRowsAreTheirHeadings) {
  EXPECT_EQ(format_columns({{"a"}, {"b"}}, {}), "a  b\n");
}

TEST(Columns, PaintTakesNoRoom) {
  EXPECT_EQ(format_columns({{"a"}, {"b"}}, {{"\x1b[31mred\x1b[0m", "1"}, {"blue", "2"}}),
            "a     b\n\x1b[31mred\x1b[0m   1\nblue  2\n");
}

}  // namespace
}  // namespace holdfast::text
