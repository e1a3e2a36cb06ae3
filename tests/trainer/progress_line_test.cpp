#include <holdfast/trainer/progress_line.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::trainer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ProgressView halfway() {
  ProgressView view;
  view.status = {1170, 2340, 2, 5, 149760, 0.4321};
  view.samples_per_second = 12345;
  view.eta_seconds = 80;
  view.save = "saving step 1,000";
  return view;
}

TEST(ProgressLine, ShowsAllThereIsOnAWideTerminal) {
  EXPECT_EQ(progress_bar_line(halfway(), 200, false),
            "step 1,170/2,340  [===================>                  ]  epoch 3/5  loss 0.4321  "
            "12,345 samples/s  ETA 1 min 20 s  saving step 1,000");
}

TEST(ProgressLine, ShrinksTheBarFirst) {
  EXPECT_EQ(progress_bar_line(halfway(), 111, false),
            "step 1,170/2,340  [=======>      ]  epoch 3/5  loss 0.4321  12,345 samples/s  "
            "ETA 1 min 20 s  saving step 1,000");
}

TEST(ProgressLine, DropsWhatMattersLeastWhenItGetsNarrow) {
  const auto line = [](int columns) { return progress_bar_line(halfway(), columns, false); };
  EXPECT_EQ(line(93),
            "step 1,170/2,340  [=======>      ]  epoch 3/5  loss 0.4321  ETA 1 min 20 s  "
            "saving step 1,000");
  EXPECT_EQ(line(78),
            "step 1,170/2,340  [=====>    ]  loss 0.4321  ETA 1 min 20 s  saving step 1,000");
  EXPECT_EQ(line(59), "step 1,170/2,340  [=====>    ]  loss 0.4321  ETA 1 min 20 s");
  EXPECT_EQ(line(44), "step 1,170/2,340  [=====>     ]  loss 0.4321");
  EXPECT_EQ(line(40), "step 1,170/2,340  loss 0.4321");
  EXPECT_EQ(line(20), "step 1,170/2,340");
  EXPECT_EQ(line(6), "step 1");
  EXPECT_EQ(line(0), "");
  EXPECT_EQ(line(-1), "");
}

TEST(ProgressLine, FitsEveryWidth) {
  for (int columns = 0; columns <= 200; ++columns) {
    EXPECT_LE(progress_bar_line(halfway(), columns, false).size(),
              static_cast<std::size_t>(columns));
  }
}

TEST(ProgressLine, FillsTheBarFromNothingToEverything) {
  ProgressView view;
  view.status.total_steps = 10;
  EXPECT_THAT(progress_bar_line(view, 32, false), HasSubstr("[>         ]"));
  view.status.step = 10;
  EXPECT_THAT(progress_bar_line(view, 33, false), HasSubstr("[==========]"));
  view.status.step = 11;
  EXPECT_THAT(progress_bar_line(view, 33, false), HasSubstr("[==========]"));
}

TEST(ProgressLine, HasNoBarWithoutATotal) {
  ProgressView view = halfway();
  view.status.total_steps = 0;
  view.status.epochs = 0;
  view.eta_seconds.reset();
  EXPECT_EQ(progress_bar_line(view, 200, false),
            "step 1,170  epoch 3  loss 0.4321  12,345 samples/s  saving step 1,000");
}

TEST(ProgressLine, ColorsOnlyTheBarAndTakesNoColumnsForIt) {
  const std::string plain = progress_bar_line(halfway(), 111, false);
  const std::string colored = progress_bar_line(halfway(), 111, true);
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  EXPECT_THAT(colored, HasSubstr("[\x1b[32m=======>\x1b[0m"));
  EXPECT_EQ(colored.size(), plain.size() + std::string("\x1b[32m\x1b[0m").size());
}

TEST(ProgressLine, IsCompleteInALog) {
  EXPECT_EQ(progress_log_line(halfway()),
            "step 1,170/2,340  epoch 3/5  loss 0.4321  12,345 samples/s  ETA 1 min 20 s");
}

TEST(ProgressLine, LeavesOutWhatIsNotKnownYet) {
  ProgressView view;
  view.status = {1, 100, 0, 1, 128, std::nullopt};
  EXPECT_EQ(progress_log_line(view), "step 1/100  epoch 1/1");
}

}  // namespace
}  // namespace holdfast::trainer
