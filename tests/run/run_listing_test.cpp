#include <holdfast/checkpoint/run/run_listing.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/marks/marks.h>

#include "support/files.h"
#include "support/hooked_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::floats;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SavedRun;

class RunListingTest : public ::testing::Test {
 protected:
  void save(std::int64_t step, std::optional<double> accuracy = {}) {
    SaveJob job = SavedRun::job(step, {floats("a", {3})});
    if (accuracy) job.manifest.metrics["accuracy"] = *accuracy;
    job.manifest.retention = policy_;
    run_.save(std::move(job));
  }
  RunListing list() const { return list_run(RunView(run_.path())); }

  RetentionPolicy policy_{2, 1, "accuracy", true};
  SavedRun run_;
};

TEST_F(RunListingTest, SaysOfOneThatADiskCannotReadWhy) {
  save(100);
  save(200);
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  int opened = 0;
  hooked->in_open = [&](const std::string& name) {
    return name == "manifest.json" && ++opened == 1 ? -EIO : 0;
  };
  const RunListing listing = list_run(RunView(run_.path(), hooked));
  ASSERT_EQ(listing.checkpoints.size(), 2u);
  EXPECT_THAT(listing.checkpoints[0].problem, HasSubstr("Input/output error"));
  EXPECT_TRUE(listing.checkpoints[0].may_be_sound);
  EXPECT_EQ(listing.checkpoints[1].problem, "");
}

TEST_F(RunListingTest, SaysWhyEachIsKept) {
  save(100, 0.9);
  save(200, 0.5);
  save(300, 0.7);
  save(400);
  const RunListing listing = list();
  ASSERT_EQ(listing.checkpoints.size(), 4u);
  EXPECT_THAT(listing.checkpoints[0].kept, ElementsAre("best 1 of accuracy"));
  EXPECT_THAT(listing.checkpoints[1].kept, IsEmpty());
  EXPECT_THAT(listing.checkpoints[2].kept, ElementsAre("last 2"));
  EXPECT_THAT(listing.checkpoints[3].kept, ElementsAre("last 2"));
  EXPECT_TRUE(listing.checkpoints[0].is_best);
  EXPECT_FALSE(listing.checkpoints[2].is_best);
  EXPECT_TRUE(listing.checkpoints[3].is_newest);
  EXPECT_EQ(best_step(listing), 100);
  EXPECT_EQ(listing.checkpoints[2].metrics.at("accuracy"), 0.7);
  EXPECT_EQ(listing.checkpoints[2].path, run_.path_of(300));
  EXPECT_GT(listing.checkpoints[2].bytes, 4096u);
}

TEST_F(RunListingTest, KnowsPinsTagsAndVerifications) {
  save(100);
  save(200);
  const RunView view(run_.path());
  Marks marks(view.directory());
  marks.pin(identify(view.open(100), 100));
  marks.tag("b", identify(view.open(100), 100));
  marks.tag("a", identify(view.open(100), 100));
  marks.set_verified(identify(view.open(200), 200), "2026-01-31T12:00:00.000Z");
  const RunListing listing = list();
  EXPECT_TRUE(listing.checkpoints[0].is_pinned);
  EXPECT_THAT(listing.checkpoints[0].kept, ElementsAre("last 2", "pinned", "tag a", "tag b"));
  EXPECT_EQ(listing.checkpoints[0].verified, "");
  EXPECT_EQ(listing.checkpoints[1].verified, "2026-01-31T12:00:00.000Z");
}

TEST_F(RunListingTest, KnowsMarksOfWhatWasMovedAwayOrIsGone) {
  for (const std::int64_t step : {100, 200, 300}) save(step);
  const RunView view(run_.path());
  Marks marks(view.directory());
  for (const std::int64_t step : {100, 200}) marks.pin(identify(view.open(step), step));
  marks.tag("paper", identify(view.open(200), 200));
  marks.tag("thesis", identify(view.open(300), 300));
  RunStore(posix_file_system(), run_.path()).supersede_after(100, "an-id");
  std::filesystem::remove_all(run_.path() + "/superseded/an-id/step-000000000300");
  const std::vector<StrayMark> stray = list().stray;
  ASSERT_EQ(stray.size(), 3u);
  EXPECT_EQ(stray[0].tag, "");
  EXPECT_EQ(stray[0].step, 200);
  EXPECT_EQ(stray[0].place, "superseded/an-id/step-000000000200");
  EXPECT_EQ(stray[1].tag, "paper");
  EXPECT_EQ(stray[1].place, "superseded/an-id/step-000000000200");
  EXPECT_EQ(stray[2].tag, "thesis");
  EXPECT_EQ(stray[2].place, "");
}

TEST_F(RunListingTest, LeavesOutWhatIsRetiredMeanwhile) {
  for (const std::int64_t step : {100, 200}) save(step);
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  int manifests = 0;
  hooked->in_open = [&](const std::string& name) {
    if (name == "manifest.json" && ++manifests == 1) {
      RunStore(posix_file_system(), run_.path()).retire(100);
      return -ENOENT;
    }
    return 0;
  };
  const RunListing listing = list_run(RunView(run_.path(), hooked));
  ASSERT_EQ(listing.checkpoints.size(), 1u);
  EXPECT_EQ(listing.checkpoints[0].step, 200);
}

TEST_F(RunListingTest, OfWhatHasNoManifestTheMarksOfTheStepCount) {
  for (const std::int64_t step : {100, 200, 300, 400}) save(step);
  const RunView view(run_.path());
  Marks(view.directory()).pin(identify(view.open(100), 100));
  std::filesystem::remove(run_.file(100, "manifest.json"));
  const RunListing listing = list();
  EXPECT_NE(listing.checkpoints[0].problem, "");
  EXPECT_THAT(listing.checkpoints[0].kept, ElementsAre("not usable", "pinned"));
  EXPECT_THAT(listing.stray, IsEmpty());
}

TEST_F(RunListingTest, GivesAnIncompleteCheckpointNoPlaceAmongTheLastAndTheBest) {
  for (const std::int64_t step : {100, 200, 300, 400, 500}) save(step, step == 500 ? 0.9 : 0.5);
  std::filesystem::remove(run_.file(300, "manifest.json"));
  std::filesystem::resize_file(run_.file(500, format::shard_file_name(0, 1)), 4096);
  const RunListing listing = list();
  EXPECT_THAT(listing.checkpoints[0].kept, IsEmpty());
  EXPECT_THAT(listing.checkpoints[1].kept, ElementsAre("last 2"));
  EXPECT_THAT(listing.checkpoints[2].kept, ElementsAre("not usable"));
  EXPECT_THAT(listing.checkpoints[3].kept, ElementsAre("last 2", "best 1 of accuracy"));
  EXPECT_THAT(listing.checkpoints[4].kept, ElementsAre("not usable"));
  EXPECT_THAT(listing.checkpoints[4].problem, HasSubstr("does not have its size"));
  EXPECT_EQ(listing.checkpoints[4].metrics.at("accuracy"), 0.9);
}

TEST_F(RunListingTest, SaysWhichCheckpointIsNotOfTheStepOfItsName) {
  save(100);
  save(200);
  std::filesystem::rename(run_.path_of(200), run_.path_of(300));
  const RunListing listing = list();
  EXPECT_EQ(listing.checkpoints[0].problem, "");
  EXPECT_THAT(listing.checkpoints[1].problem, HasSubstr("not of the step that its name says"));
  EXPECT_THAT(listing.checkpoints[1].kept, ElementsAre("not usable"));
}

TEST_F(RunListingTest, HasTheOthersWhereOneMayNotBeRead) {
  for (const std::int64_t step : {100, 200, 300}) save(step);
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  int manifests = 0;
  hooked->in_open = [&](const std::string& name) {
    if (name == "manifest.json") return ++manifests == 1 ? -EACCES : 0;
    return name == format::step_directory_name(200) ? -EACCES : 0;
  };
  const RunListing listing = list_run(RunView(run_.path(), hooked));
  ASSERT_EQ(listing.checkpoints.size(), 3u);
  for (const int i : {0, 1}) {
    EXPECT_THAT(listing.checkpoints[i].problem, HasSubstr("Permission denied"));
    EXPECT_THAT(listing.checkpoints[i].kept, ElementsAre("not usable"));
  }
  EXPECT_EQ(listing.checkpoints[1].path, run_.path_of(200));
  EXPECT_EQ(listing.checkpoints[2].problem, "");
}

TEST_F(RunListingTest, KeepsAllWhileATagCannotBeRead) {
  for (const std::int64_t step : {100, 200, 300}) save(step);
  const RunView view(run_.path());
  Marks(view.directory()).tag("paper", identify(view.open(200), 200));
  testing::write_file(run_.path() + "/tags/paper", "");
  const RunListing listing = list();
  EXPECT_THAT(listing.unread_tags, ElementsAre("paper"));
  EXPECT_THAT(listing.checkpoints[0].kept, ElementsAre("tag paper (cannot be read)"));
  EXPECT_THAT(listing.checkpoints[2].kept, ElementsAre("last 2", "tag paper (cannot be read)"));
}

TEST_F(RunListingTest, NamesOneOfTheTagsThatCannotBeReadAndCountsTheOthers) {
  for (const std::int64_t step : {100, 200, 300}) save(step);
  const RunView view(run_.path());
  Marks(view.directory()).tag("good", identify(view.open(100), 100));
  for (int i = 0; i < 1000; ++i)
    testing::write_file(run_.path() + "/tags/a" + std::to_string(i), "");
  EXPECT_THAT(list().checkpoints[0].kept,
              ElementsAre("tag good", "tag a0 and 999 more (cannot be read)"));
}

TEST_F(RunListingTest, WithoutAPolicyAllAreKeptAndNoneIsBest) {
  run_.save(100, {floats("a", {3})});
  const RunListing listing = list();
  EXPECT_THAT(listing.checkpoints[0].kept, ElementsAre("all"));
  EXPECT_EQ(best_step(listing), std::nullopt);
}

TEST_F(RunListingTest, GoesByThePolicyOfTheNewestManifest) {
  save(100, 0.1);
  policy_.higher_is_better = false;
  save(200, 0.2);
  EXPECT_EQ(best_step(list()), 100);
}

TEST_F(RunListingTest, ListsWhatIsDamaged) {
  save(100);
  save(200);
  run_.flip_bit(run_.file(100, "manifest.json"), 30);
  const RunListing listing = list();
  ASSERT_EQ(listing.checkpoints.size(), 2u);
  EXPECT_THAT(listing.checkpoints[0].problem, HasSubstr("altered after it was written"));
  EXPECT_EQ(listing.checkpoints[1].problem, "");
}

}  // namespace
}  // namespace holdfast
