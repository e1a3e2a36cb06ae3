#include <filesystem>
#include <fstream>
#include <utility>

#include <holdfast/checkpoint/run/run_store.h>

#include "checkpoint_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::holdfast;
using testing::IsPlainText;

class Ls : public testing::CheckpointTest {
 protected:
  Ls() {
    for (const std::int64_t step : {100, 200, 300}) save(step, testing::small_training());
  }
  std::string output() const { return holdfast({"ls", run_.path()}).output; }
};

TEST_F(Ls, ShowsStepsSizesAndMetrics) {
  const auto finished = holdfast({"ls", run_.path()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("STEP"), HasSubstr("accuracy"), HasSubstr("100"), HasSubstr("300"),
                    HasSubstr("1.2 MiB"), HasSubstr("0.875 "), HasSubstr("nan"), IsPlainText()));
}

TEST_F(Ls, ShowsPinsTagsAndVerifications) {
  holdfast({"pin", run_.path() + "@100"});
  holdfast({"tag", run_.path(), "200", "paper"});
  EXPECT_THAT(output(), Not(HasSubstr(" ago\n")));
  holdfast({"verify", run_.path() + "@300"});
  EXPECT_THAT(output(), AllOf(HasSubstr("pinned"), HasSubstr("tag paper"), HasSubstr(" ago\n")));
}

TEST_F(Ls, ShowsWhatIsQuarantinedAndWhy) {
  RunStore(posix_file_system(), run_.path()).quarantine(300, "block 3 of shard 0 is damaged");
  EXPECT_THAT(output(), HasSubstr("quarantined:\n  step-000000000300  block 3 of shard 0"));
}

TEST_F(Ls, ShowsAReasonOfManyLinesInOne) {
  RunStore(posix_file_system(), run_.path())
      .quarantine(300, "shard: block 3 is damaged\n  hurts models/a\n  hurts models/b");
  EXPECT_THAT(output(), HasSubstr("  shard: block 3 is damaged, hurts 2 entries\n"));
  EXPECT_THAT(json_of(holdfast({"ls", run_.path(), "--json"}))["quarantined"][0]["reason"],
              ::testing::EndsWith("hurts models/b"));
}

TEST_F(Ls, ShowsNoEscapeSequencesOfMetrics) {
  SaveJob job = testing::SavedRun::job(400, testing::small_training());
  job.manifest.metrics["\x1b[31mloss"] = 1;
  job.manifest.retention = RetentionPolicy{1, 1, "\x1b[31mloss", true};
  run_.save(std::move(job));
  EXPECT_THAT(output(), AllOf(IsPlainText(), HasSubstr("\\x1b[31mloss"),
                              HasSubstr("best 1 of \\x1b[31mloss")));
}

TEST_F(Ls, OfNoNameSaysSo) {
  const auto finished = holdfast({"ls", ""});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, AllOf(testing::IsOneLineOfComplaint(),
                                     HasSubstr("the name of the directory is empty")));
}

TEST_F(Ls, ShowsADamagedManifestAndTheOthers) {
  run_.flip_bit(run_.file(200, "manifest.json"), 30);
  EXPECT_THAT(output(), AllOf(HasSubstr("UNUSABLE"), HasSubstr("altered after it was written"),
                              HasSubstr("300")));
}

TEST_F(Ls, ShowsWhatIsInTheWayOfACheckpoint) {
  std::filesystem::create_symlink("nowhere", run_.path_of(400));
  std::ofstream(run_.path_of(500)) << "a file";
  EXPECT_THAT(output(),
              AllOf(HasSubstr("step-000000000400: no checkpoint can be kept under this name"),
                    HasSubstr("step-000000000500: no checkpoint can be kept"), IsPlainText()));
  const auto document = json_of(holdfast({"ls", run_.path(), "--json"}));
  EXPECT_EQ(document["checkpoints"].size(), 3u);
  ASSERT_EQ(document["in_the_way"].size(), 2u);
  EXPECT_THAT(document["in_the_way"][0], HasSubstr("move it away"));
}

TEST_F(Ls, HasADocumentForScripts) {
  holdfast({"tag", run_.path(), "200", "paper"});
  const auto document = json_of(holdfast({"ls", run_.path(), "--json"}));
  ASSERT_EQ(document["checkpoints"].size(), 3u);
  const auto& second = document["checkpoints"][1];
  EXPECT_EQ(second["step"], 200);
  EXPECT_EQ(second["path"], run_.path_of(200));
  EXPECT_EQ(second["tags"], nlohmann::json({"paper"}));
  EXPECT_EQ(second["metrics"]["loss"], "NaN");
  EXPECT_EQ(second["verified"], nullptr);
  EXPECT_TRUE(document["checkpoints"][2]["newest"]);
}

TEST_F(Ls, OfARunWithoutACheckpointSaysSo) {
  testing::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "checkpoints");
  const auto finished = holdfast({"ls", directory.path()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, HasSubstr("has no checkpoint"));
}

TEST_F(Ls, OfWhatIsNoRunIsOneLineOfComplaint) {
  for (const std::string& where : {run_.path() + "/none", run_.path_of(100),
                                   std::filesystem::path(run_.path()).parent_path().string()}) {
    const auto finished = holdfast({"ls", where});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.output, AllOf(testing::IsOneLineOfComplaint(), HasSubstr(where)));
  }
}

}  // namespace
}  // namespace holdfast
