#include "run/watched_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/temporary_directory.h"

namespace holdfast::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr auto kNone = std::nullopt;

TEST(Progress, IsANewerStep) {
  EXPECT_TRUE(has_progressed({{"a", 200}}, {{"a", 400}}));
  EXPECT_FALSE(has_progressed({{"a", 200}}, {{"a", 200}}));
}

TEST(Progress, IsTheFirstStepOfARun) {
  EXPECT_TRUE(has_progressed({{"a", kNone}}, {{"a", 0}}));
  EXPECT_TRUE(has_progressed({}, {{"a", 200}}));
  EXPECT_FALSE(has_progressed({}, {{"a", kNone}}));
  EXPECT_FALSE(has_progressed({}, {}));
}

TEST(Progress, IsNotALossOfSteps) {
  EXPECT_FALSE(has_progressed({{"a", 400}}, {{"a", 200}}));
  EXPECT_FALSE(has_progressed({{"a", 400}}, {{"a", kNone}}));
}

TEST(Progress, OfOneRunOfSeveralIsEnough) {
  EXPECT_TRUE(has_progressed({{"a", 1}, {"b", 1}}, {{"a", 1}, {"b", 2}}));
}

TEST(Progress, IsToldInAClauseARun) {
  EXPECT_EQ(describe({}, {}), "it has opened no run");
  EXPECT_EQ(describe({}, {{"a", kNone}}), "the run has no checkpoint");
  EXPECT_EQ(describe({}, {{"a", 200}}), "the run has got to step 200");
  EXPECT_EQ(describe({{"a", 200}}, {{"a", 200}}), "the run is still at step 200");
  EXPECT_EQ(describe({{"a", 200}}, {{"a", 400}}), "the run got from step 200 to step 400");
  EXPECT_EQ(describe({{"/a", 2}}, {{"/a", 2}, {"/b", 4}}),
            "/a is still at step 2, /b has got to step 4");
}

class WatchedRunsTest : public ::testing::Test {
 protected:
  std::string run(const std::string& name) const { return directory_ / name; }
  void save(const std::string& name, const std::string& entry) const {
    std::filesystem::create_directories(run(name) + "/checkpoints/" + entry);
  }
  void announce(const std::string& name) {
    std::ofstream(runs_.file(), std::ios::app) << run(name) << "\n";
  }

  testing::TemporaryDirectory directory_;
  WatchedRuns runs_;
};

TEST_F(WatchedRunsTest, NoneAreThereAtFirst) {
  EXPECT_THAT(runs_.newest_steps(), IsEmpty());
}

TEST_F(WatchedRunsTest, TheNewestCommittedStepOfEachIsSeen) {
  save("a", "step-000000000200");
  save("a", "step-000000001000");
  save("a", ".tmp-step-000000002000-1-0");
  save("b", "step-000000000003");
  announce("a");
  announce("b");
  EXPECT_THAT(runs_.newest_steps(), ElementsAre(Pair(run("a"), 1000), Pair(run("b"), 3)));
}

TEST_F(WatchedRunsTest, AFileInAStepsPlaceIsNoStep) {
  save("a", "step-000000000200");
  std::ofstream(run("a") + "/checkpoints/step-000000000400") << "text";
  announce("a");
  EXPECT_THAT(runs_.newest_steps(), ElementsAre(Pair(run("a"), 200)));
}

TEST_F(WatchedRunsTest, ARunThatIsGoneHasNoStep) {
  announce("a");
  EXPECT_THAT(runs_.newest_steps(), ElementsAre(Pair(run("a"), kNone)));
}

TEST_F(WatchedRunsTest, ARunThatCannotBeLookedIntoIsWhereItWas) {
  save("a", "step-000000000200");
  announce("a");
  runs_.newest_steps();
  std::filesystem::rename(run("a") + "/checkpoints", run("a") + "/moved");
  std::filesystem::create_directory_symlink(run("a") + "/moved", run("a") + "/checkpoints");
  EXPECT_THAT(runs_.newest_steps(), ElementsAre(Pair(run("a"), 200)));
  std::filesystem::remove_all(run("a"));
  EXPECT_THAT(runs_.newest_steps(), ElementsAre(Pair(run("a"), kNone)));
}

TEST_F(WatchedRunsTest, WhatWasAnnouncedSurvivesTheLossOfTheFile) {
  announce("a");
  std::filesystem::remove(runs_.file());
  announce("b");
  EXPECT_THAT(runs_.newest_steps(), ElementsAre(Pair(run("a"), kNone), Pair(run("b"), kNone)));
}

TEST_F(WatchedRunsTest, EventsOfARunThatIsGoneFailNothing) {
  announce("gone");
  save("a", "step-000000000200");
  announce("a");
  runs_.log(events::Restart{});
  std::ifstream events(run("a") + "/events.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(events, line));
  EXPECT_THAT(line, ::testing::HasSubstr(R"("event":"restart","step":200})"));
  EXPECT_FALSE(std::filesystem::exists(run("gone")));
}

TEST(WatchedRuns, LeavesNoFileBehind) {
  std::string file;
  {
    WatchedRuns runs;
    file = runs.file();
    EXPECT_TRUE(std::filesystem::exists(file));
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace holdfast::tool
