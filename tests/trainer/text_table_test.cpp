#include <holdfast/trainer/text_table.h>

#include <gtest/gtest.h>

namespace holdfast::trainer {
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

}  // namespace
}  // namespace holdfast::trainer
