#include <holdfast/checkpoint/save/crew.h>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace holdfast {
namespace {

TEST(Crew, RunsEachTaskOnce) {
  for (const int threads : {0, 1, 3}) {
    std::vector<std::atomic<int>> runs(100);
    Crew crew;
    crew.start(runs.size(), threads, [&](std::size_t i) { ++runs[i]; });
    crew.join();
    for (const auto& count : runs) EXPECT_EQ(count, 1) << threads;
  }
}

TEST(Crew, EndsWithoutAnybodyWhoWaits) {
  std::promise<bool> end;
  Crew crew;
  crew.start(
      10, 2, [](std::size_t) {}, [&](bool complete) { end.set_value(complete); });
  EXPECT_TRUE(end.get_future().get());
}

TEST(Crew, EndsAtOnceWhereThereIsNothingToDo) {
  int ends = 0;
  Crew crew;
  crew.start(
      0, 0, [](std::size_t) {}, [&](bool complete) { ends += complete ? 1 : 0; });
  EXPECT_EQ(ends, 1);
  crew.join();
  EXPECT_EQ(ends, 1);
}

TEST(Crew, ThrowsWhatATaskThrewAndBeginsNoOther) {
  int begun = 0;
  bool complete = true;
  Crew crew;
  crew.start(
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

// A crew that starts anew finds the threads that it has.
TEST(Crew, KeepsItsThreads) {
  Crew crew;
  std::set<std::thread::id> threads;
  for (int round = 0; round < 20; ++round) {
    std::promise<std::thread::id> ran;
    crew.start(1, 1, [&](std::size_t) { ran.set_value(std::this_thread::get_id()); });
    threads.insert(ran.get_future().get());
    crew.join();
    EXPECT_FALSE(crew.in_progress());
  }
  EXPECT_EQ(threads.size(), 1u);
}

TEST(Crew, WorksOnAfterAFailure) {
  Crew crew;
  crew.start(3, 1, [](std::size_t) { throw std::runtime_error("none"); });
  EXPECT_THROW(crew.join(), std::runtime_error);
  std::atomic<int> runs{0};
  crew.start(3, 1, [&](std::size_t) { ++runs; });
  crew.join();
  EXPECT_EQ(runs, 3);
}

// The child has its memory, and none of its threads.
TEST(Crew, EndsInAProcessThatWasForkedOff) {
  auto crew = std::make_unique<Crew>();
  crew->start(10, 2, [](std::size_t) {});
  crew->join();
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    crew.reset();
    _exit(0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace holdfast
