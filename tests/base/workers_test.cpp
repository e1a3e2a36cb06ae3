#include <holdfast/checkpoint/base/workers.h>

#include <atomic>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include "support/child.h"
#include "support/expect_error.h"
#include "support/no_threads.h"

namespace holdfast {
namespace {

using tbb::global_control;

TEST(Workers, AreAsManyAsAreAskedForUpToThoseThatThereAre) {
  const global_control four(global_control::max_allowed_parallelism, 4);
  const auto there_are =
      static_cast<int>(global_control::active_value(global_control::max_allowed_parallelism));
  EXPECT_EQ(workers_of(1), 1);
  EXPECT_EQ(workers_of(1000), there_are);
  EXPECT_LE(there_are, 4);
}

TEST(Workers, AreOneWhereNoneIsAskedFor) {
  EXPECT_EQ(workers_of(0), 1);
  EXPECT_EQ(workers_of(-3), 1);
}

TEST(Workers, AreThoseThatAreAskedForWhereThereIsNoLimit) {
  const global_control all(global_control::max_allowed_parallelism,
                           std::numeric_limits<std::size_t>::max());
  const auto there_are = global_control::active_value(global_control::max_allowed_parallelism);
  EXPECT_EQ(workers_of(8), there_are < 8 ? static_cast<int>(there_are) : 8);
}

class Loops : public ::testing::Test {
 protected:
  // How often each of so many turns was taken.
  std::vector<int> turns(std::size_t count) {
    std::vector<std::atomic<int>> taken(count);
    workers_.for_each(count, [&](std::size_t i) { ++taken[i]; });
    return {taken.begin(), taken.end()};
  }

  const tbb::global_control several_{global_control::max_allowed_parallelism, 4};
  Workers workers_{4};
};

TEST_F(Loops, TakeEachTurnOnce) {
  for (const std::size_t count : {0, 1, 2, 3, 1000})
    EXPECT_EQ(turns(count), std::vector<int>(count, 1)) << count;
  EXPECT_EQ(Workers(1).count(), 1);
}

TEST_F(Loops, ThrowWhatATurnThrewAndGoOnWithTheNext) {
  const auto fail = [](std::size_t i) {
    if (i == 3) throw std::runtime_error("turn 3");
  };
  EXPECT_THROW(workers_.for_each(100, fail), std::runtime_error);
  EXPECT_EQ(turns(100), std::vector<int>(100, 1));
}

TEST_F(Loops, TakeEveryTurnHereWhereNoThreadCanBeStarted) {
  for (int n = 0; n < 3; ++n) {
    const testing::NoThreads no_threads;
    EXPECT_EQ(turns(100), std::vector<int>(100, 1));
  }
  EXPECT_EQ(turns(100), std::vector<int>(100, 1));
}

TEST_F(Loops, WorkInAChildOfAProcessThatHadThreads) {
  turns(1000);
  EXPECT_EQ(testing::told_by_child([&] {
              const bool done = turns(1000) == std::vector<int>(1000, 1);
              return std::string(done ? "done" : "not done");
            }),
            "done");
}

TEST(RunAside, SaysThatItIsThreadsThatThereAreNoMoreOf) {
  const testing::NoThreads no_threads;
  testing::expect_error(ErrorKind::kIo, "no thread can be started", [] { run_aside([] {}).get(); });
  testing::expect_error(ErrorKind::kIo, "pids.max", [] { run_aside([] {}).get(); });
}

TEST(RunAside, HandsOnWhatTheWorkThrows) {
  EXPECT_THROW(run_aside([] { throw std::runtime_error("work"); }).get(), std::runtime_error);
}

}  // namespace
}  // namespace holdfast
