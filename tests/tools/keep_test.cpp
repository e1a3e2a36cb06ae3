// gc, rm, pin, unpin and tag.
#include <filesystem>

#include <holdfast/checkpoint/store/run_store.h>
#include <holdfast/checkpoint/store/run_view.h>

#include "checkpoint_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using testing::holdfast;
using testing::Words;

class Keep : public testing::CheckpointTest {
 protected:
  Keep() {
    for (const std::int64_t step : {100, 200, 300, 400}) {
      SaveJob job = SavedRun::job(step, testing::small_training());
      job.manifest.metrics["loss"] = step == 100 ? 0.1 : 0.5;
      job.manifest.retention = RetentionPolicy{2, 0, "", true};
      run_.save(std::move(job));
    }
  }
  using SavedRun = testing::SavedRun;

  std::vector<std::int64_t> steps() const { return RunView(run_.path()).steps(); }
  std::string at(const std::string& name) const { return run_.path() + "@" + name; }

  static void expect_refused(const Words& words, int status, const std::string& problem) {
    const Finished finished = holdfast(words);
    EXPECT_EQ(finished.status, status);
    EXPECT_THAT(finished.output, AllOf(testing::IsOneLineOfComplaint(), HasSubstr(problem)));
  }
};

TEST_F(Keep, GcAppliesTheRunsOwnPolicy) {
  const Finished finished = holdfast({"gc", run_.path()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, AllOf(HasSubstr("removed step 100 (1.2 MiB)\nremoved step 200"),
                                     HasSubstr("2 checkpoints, 2.")));
  EXPECT_THAT(steps(), ElementsAre(300, 400));
  EXPECT_EQ(holdfast({"gc", run_.path()}).output, "nothing to remove\n");
}

TEST_F(Keep, GcAppliesAnotherPolicy) {
  holdfast({"gc", run_.path(), "--keep-last", "1", "--keep-best", "1", "--metric", "loss",
            "--lower-is-better"});
  EXPECT_THAT(steps(), ElementsAre(100, 400));
}

TEST_F(Keep, GcSaysWhatItWouldDoAlsoOfARunThatTrains) {
  const RunStore training(posix_file_system(), run_.path());
  expect_refused({"gc", run_.path()}, 1, "is written to by pid");
  const auto document = json_of(holdfast({"gc", run_.path(), "--dry-run", "--json"}));
  EXPECT_EQ(document["removed"].size(), 2u);
  EXPECT_EQ(document["removed"][0]["step"], 100);
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
}

TEST_F(Keep, GcSparesWhatIsPinnedOrTagged) {
  holdfast({"pin", at("100")});
  holdfast({"tag", run_.path(), "200", "paper"});
  EXPECT_EQ(holdfast({"gc", run_.path(), "--dry-run"}).output, "nothing to remove\n");
  holdfast({"gc", run_.path()});
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
  holdfast({"unpin", at("100")});
  holdfast({"gc", run_.path()});
  EXPECT_THAT(steps(), ElementsAre(200, 300, 400));
}

TEST_F(Keep, GcNeedsAMetricToKeepTheBest) {
  expect_refused({"gc", run_.path(), "--keep-best", "1"}, 2, "names no metric");
  EXPECT_EQ(holdfast({"gc", run_.path(), "--lower-is-better"}).status, 2);
}

TEST_F(Keep, RmRemovesACheckpoint) {
  EXPECT_THAT(holdfast({"rm", at("200"), run_.path_of(100)}).output, HasSubstr("step 100"));
  EXPECT_THAT(steps(), ElementsAre(300, 400));
}

TEST_F(Keep, RmRefusesWhatIsToStay) {
  holdfast({"pin", at("100")});
  holdfast({"tag", run_.path(), "200", "paper"});
  expect_refused({"rm", at("100")}, 1, "pinned or tagged");
  expect_refused({"rm", at("paper")}, 1, "pinned or tagged");
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
}

TEST_F(Keep, RmRemovesTheLastOneOnlyWhenToldTo) {
  holdfast({"rm", at("100"), at("200"), at("300")});
  expect_refused({"rm", at("latest")}, 1, "the only checkpoint");
  EXPECT_EQ(holdfast({"rm", "--last", at("latest")}).status, 0);
  EXPECT_TRUE(steps().empty());
}

TEST_F(Keep, RmOfACopyIsRefused) {
  testing::TemporaryDirectory directory;
  const std::string copy = directory / "copy";
  std::filesystem::copy(run_.path_of(100), copy, std::filesystem::copy_options::recursive);
  for (const char* command : {"rm", "pin", "unpin"})
    expect_refused({command, copy}, 2, "not one of a run's");
  EXPECT_TRUE(std::filesystem::exists(copy));
}

TEST_F(Keep, PinsWhileTheRunTrains) {
  const RunStore training(posix_file_system(), run_.path());
  EXPECT_EQ(holdfast({"pin", at("100")}).status, 0);
  EXPECT_THAT(training.spared(), ElementsAre(100));
  EXPECT_THAT(holdfast({"unpin", at("100")}).output, HasSubstr("unpinned"));
  EXPECT_THAT(holdfast({"unpin", at("100")}).output, HasSubstr("not pinned"));
}

TEST_F(Keep, ATagWorksWhereverAPathDoes) {
  EXPECT_THAT(holdfast({"tag", run_.path(), "200", "paper"}).output,
              HasSubstr("@paper is step 200"));
  EXPECT_EQ(json_of(holdfast({"show", at("paper"), "--json"}))["step"], 200);
  EXPECT_EQ(holdfast({"verify", at("paper")}).status, 0);
  EXPECT_EQ(holdfast({"tag", run_.path()}).output, "paper  step 200\n");
  EXPECT_EQ(json_of(holdfast({"tag", run_.path(), "--json"})), nlohmann::json({{"paper", 200}}));
  EXPECT_EQ(holdfast({"tag", run_.path(), "--remove", "paper"}).status, 0);
  expect_refused({"show", at("paper")}, 1, "no tag 'paper'");
  expect_refused({"tag", run_.path(), "--remove", "paper"}, 1, "no tag 'paper'");
}

TEST_F(Keep, ATagThatCannotBeIsRefused) {
  expect_refused({"tag", run_.path(), "200", "best"}, 2, "cannot be a tag");
  expect_refused({"tag", run_.path(), "200"}, 2, "no name for it");
  expect_refused({"tag", run_.path(), "999", "x"}, 1, "step-000000000999");
  EXPECT_EQ(holdfast({"tag", run_.path(), "x", "y"}).status, 2);
}

}  // namespace
}  // namespace holdfast
