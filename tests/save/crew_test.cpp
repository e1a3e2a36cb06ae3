#include <holdfast/checkpoint/save/crew.h>

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <vector>

namespace holdfast {
namespace {

TEST(Crew, RunsEachTaskOnce) {
  for (const int threads : {0, 1, 3}) {
    std::vector<std::atomic<int>> runs(100);
    Crew crew(runs.size(), threads, [&](std::size_t i) { ++runs[i]; });
    crew.join();
    for (const auto& count : runs) EXPECT_EQ(count, 1) << threads;
  }
}

TEST(Crew, EndsWithoutAnybodyWhoWaits) {
  std::promise<bool> end;
  Crew crew(
      10, 2, [](std::size_t) {}, [&](bool complete) { end.set_value(complete); });
  EXPECT_TRUE(end.get_future().get());
}

TEST(Crew, EndsAtOnceWhereThereIsNothingToDo) {
  int ends = 0;
  Crew crew(
      0, 0, [](std::size_t) {}, [&](bool complete) { ends += complete ? 1 : 0; });
  EXPECT_EQ(ends, 1);
  crew.join();
  EXPECT_EQ(ends, 1);
}

TEST(Crew, ThrowsWhatATaskThrewAndBeginsNoOther) {
  int begun = 0;
  bool complete = true;
  Crew crew(
      10, 0,
      [&](std::size_t i) {
        ++begun;
        if (i == 3) throw std::runtime_error("the fourth");
      },
      [&](bool all) { complete = all; });
  EXPECT_THROW(crew.join(), std::runtime_error);
  EXPECT_EQ(begun, 4);
  EXPECT_FALSE(complete);
}

}  // namespace
}  // namespace holdfast
