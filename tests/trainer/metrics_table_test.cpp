#include <holdfast/trainer/metrics_table.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "support/thrown.h"

namespace holdfast::trainer {
namespace {

using ::holdfast::testing::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Metrics : public ::testing::Test {
 protected:
  MetricsTable table(std::vector<std::string> columns) {
    return {std::move(columns), [this](std::string_view line) { lines_.emplace_back(line); }};
  }
  std::vector<std::string> lines_;
};

TEST_F(Metrics, AreALineOfNamesAndLinesOfValues) {
  MetricsTable metrics = table({"step", "epoch", "train_loss", "test_accuracy"});
  metrics.write_header();
  metrics.write_row({{"step", 50}, {"epoch", 0}, {"train_loss", 0.75}});
  metrics.write_row({{"step", 100}, {"epoch", 0}, {"train_loss", 0.5}, {"test_accuracy", 0.875}});
  EXPECT_THAT(lines_, ElementsAre("step,epoch,train_loss,test_accuracy\n", "50,0,0.75,\n",
                                  "100,0,0.5,0.875\n"));
}

TEST_F(Metrics, AreInTheOrderOfTheColumns) {
  table({"a", "b"}).write_row({{"b", 2}, {"a", 1}});
  EXPECT_THAT(lines_, ElementsAre("1,2\n"));
}

TEST_F(Metrics, LeaveTheHeaderToTheCallerWhenAFileIsContinued) {
  const MetricsTable metrics = table({"step", "loss"});
  EXPECT_THAT(lines_, IsEmpty());
  EXPECT_EQ(metrics.header(), "step,loss\n");
}

TEST_F(Metrics, RefuseANameThatIsNoColumn) {
  MetricsTable metrics = table({"step", "loss"});
  const Error error = error_of([&] { metrics.write_row({{"step", 1}, {"lost", 0.5}}); });
  EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(error.what(), HasSubstr("metric 'lost' has no column: expected one of step,loss"));
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Metrics, RefuseANameThatIsGivenTwice) {
  MetricsTable metrics = table({"step"});
  EXPECT_EQ(error_of([&] {
              metrics.write_row({{"step", 1}, {"step", 2}});
            }).kind(),
            ErrorKind::kInvalidArgument);
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(Metrics, NeedColumnsOfDifferentNames) {
  EXPECT_EQ(error_of([&] { table({}); }).kind(), ErrorKind::kInvalidArgument);
  EXPECT_THAT(error_of([&] { table({"loss", "loss"}); }).what(), HasSubstr("'loss'"));
}

TEST(MetricsCell, ReadsBackAsTheSameNumber) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 6.02214076e23, -0.0, std::nextafter(1.0, 2.0),
                             std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::max(), double{0.1F}}) {
    const std::string text = csv_cell(value);
    const double read = std::strtod(text.c_str(), nullptr);
    EXPECT_EQ(read, value) << text;
    EXPECT_EQ(std::signbit(read), std::signbit(value)) << text;
  }
}

TEST(MetricsCell, IsTheShortestText) {
  EXPECT_EQ(csv_cell(0.1), "0.1");
  EXPECT_EQ(csv_cell(3.0), "3");
  EXPECT_EQ(csv_cell(1e-05), "1e-05");
}

TEST(MetricsCell, ShowsWhatIsNotFinite) {
  EXPECT_EQ(csv_cell(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(csv_cell(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(csv_cell(std::nan("")), "nan");
  EXPECT_EQ(csv_cell(-std::nan("")), "nan");
}

TEST(MetricsCell, KeepsEveryInteger) {
  EXPECT_EQ(csv_cell(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

TEST(MetricsCell, QuotesTextThatNeedsIt) {
  EXPECT_EQ(csv_cell("plain text"), "plain text");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_cell("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_cell(" padded"), "\" padded\"");
  EXPECT_EQ(csv_cell(""), "");
  EXPECT_EQ(csv_cell(std::monostate{}), "");
}

}  // namespace
}  // namespace holdfast::trainer
