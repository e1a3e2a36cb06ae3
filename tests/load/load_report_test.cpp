#include <holdfast/checkpoint/load/load_report.h>

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(LoadReport, SaysInALineWhatWasNotLoaded) {
  LoadReport report;
  report.loaded = {"a", "b"};
  EXPECT_TRUE(report.is_whole());
  EXPECT_EQ(to_string(report), "2 loaded");
  report.missing = {"models/net/parameters/head.weight"};
  report.unexpected = {"x", "y\n"};
  EXPECT_FALSE(report.is_whole());
  EXPECT_EQ(to_string(report),
            "2 loaded; 1 missing from the checkpoint: \"models/net/parameters/head.weight\"; "
            "2 in the checkpoint alone: \"x\", \"y\\x0a\"");
}

TEST(LoadReport, ListsTheFirstOfMany) {
  LoadReport report;
  report.left.resize(100'000, "models/net/parameters/weight");
  const std::string text = to_string(report);
  EXPECT_EQ(text.substr(0, 50), "0 loaded; 100000 left out by the patterns: \"models");
  EXPECT_LT(text.size(), 2000u);
}

}  // namespace
}  // namespace holdfast
