#include <filesystem>
#include <vector>

#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/run_view.h>

#include "checkpoint_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using testing::holdfast;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::small_training;

class VerifyCommand : public testing::CheckpointTest {
 protected:
  VerifyCommand() {
    save(100, small_training());
    save(200, small_training(1));
  }
  // In the middle of the weight.
  void damage(std::int64_t step) { run_.flip_bit(run_.file(step, testing::kShard), 600'000); }
  // What holdfast ls has from the marks of the run.
  std::vector<std::int64_t> steps_verified() {
    std::vector<std::int64_t> steps;
    for (const auto& [step, note] : Marks(RunView(run_.path()).directory()).verified())
      steps.push_back(step);
    return steps;
  }
};

TEST_F(VerifyCommand, FindsASoundCheckpointSound) {
  const Finished finished = holdfast({"verify", run_.path_of(100)});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr(run_.path_of(100) + ": sound ("), HasSubstr("MiB in "),
                    HasSubstr("/s)\n"), testing::IsPlainText()));
}

TEST_F(VerifyCommand, LooksAtAllCheckpointsOfARun) {
  const Finished finished = holdfast({"verify", run_.path()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, AllOf(HasSubstr(run_.path_of(100) + ": sound"),
                                     HasSubstr(run_.path_of(200) + ": sound"),
                                     HasSubstr("2 checkpoints: no damage found")));
}

TEST_F(VerifyCommand, SaysWhichFileAndWhichTensorsAreHurt) {
  damage(200);
  const Finished finished = holdfast({"verify", run_.path()});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("step-000000000100: sound"), HasSubstr("step-000000000200: DAMAGED"),
                    HasSubstr("  shard-00000-of-00001.h5: block 0 (bytes 0 to 1048576)"),
                    HasSubstr("hurts models/net/parameters/fc1.weight"),
                    HasSubstr("2 checkpoints: 1 damaged"), testing::IsPlainText()));
}

TEST_F(VerifyCommand, NamesAllThatIsHurtWhereItIsToldTo) {
  std::vector<Item> many;
  for (int i = 0; i < 9; ++i)
    many.push_back(testing::floats("models/net/parameters/p" + std::to_string(i), {4}));
  save(300, std::move(many));
  run_.flip_bit(run_.file(300, testing::kShard), 5000);
  const std::string some = holdfast({"verify", run_.path_of(300)}).output;
  EXPECT_THAT(some,
              AllOf(HasSubstr("parameters/p4 and 4 more\n"), Not(HasSubstr("parameters/p8"))));
  const std::string all = holdfast({"verify", run_.path_of(300), "--all"}).output;
  EXPECT_THAT(all, AllOf(HasSubstr("parameters/p8\n"), Not(HasSubstr(" more"))));
}

TEST_F(VerifyCommand, ShowsNoEscapeSequencesOfNames) {
  save(300, {testing::floats(testing::kControlName, {300'000})});
  damage(300);
  EXPECT_THAT(holdfast({"verify", run_.path_of(300)}).output, testing::HasControlNameEscaped());
}

TEST_F(VerifyCommand, SaysThatTheCatalogOrTheManifestIsHurt) {
  for (const std::string name : {"catalog.json", "manifest.json"}) {
    const std::string file = run_.file(200, name);
    run_.flip_bit(file, 50);
    const Finished finished = holdfast({"verify", run_.path_of(200)});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.output, AllOf(HasSubstr("DAMAGED"), HasSubstr("  " + name + ": ")));
    run_.flip_bit(file, 50);
  }
}

TEST_F(VerifyCommand, FindsACheckpointOfARunThatLostItsManifest) {
  std::filesystem::remove(run_.file(200, "manifest.json"));
  const Finished finished = holdfast({"verify", run_.path()});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output, HasSubstr("manifest.json: the manifest is missing"));
}

TEST_F(VerifyCommand, QuicklyLooksAtSizesOnly) {
  damage(200);
  const Finished quick = holdfast({"verify", "--quick", run_.path()});
  EXPECT_EQ(quick.status, 0);
  EXPECT_THAT(quick.output, AllOf(HasSubstr("complete"), Not(HasSubstr("sound"))));
  std::filesystem::resize_file(run_.file(200, testing::kShard), 4096);
  EXPECT_EQ(holdfast({"verify", "--quick", run_.path()}).status, 1);
}

TEST_F(VerifyCommand, QuicklyTakesTheNoteAwayAndGivesNone) {
  EXPECT_EQ(holdfast({"verify", "--quick", run_.path()}).status, 0);
  EXPECT_THAT(steps_verified(), IsEmpty());
  EXPECT_EQ(holdfast({"verify", run_.path()}).status, 0);
  EXPECT_THAT(steps_verified(), ElementsAre(100, 200));
  std::filesystem::resize_file(run_.file(200, testing::kShard), 4096);
  EXPECT_EQ(holdfast({"verify", "--quick", run_.path()}).status, 1);
  EXPECT_THAT(steps_verified(), ElementsAre(100));
}

TEST_F(VerifyCommand, NamesAFileThatIsMissingOnce) {
  std::filesystem::remove(run_.file(200, testing::kShard));
  const Finished finished = holdfast({"verify", run_.path_of(200)});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.output,
              HasSubstr(run_.path_of(200) +
                        ": DAMAGED\n  shard-00000-of-00001.h5: a file of the checkpoint is "
                        "missing\n    hurts "));
}

TEST_F(VerifyCommand, TakesMoreThreadsThanThereAreCoresWithoutAWarning) {
  for (const testing::Words& command :
       {testing::Words{"verify", run_.path()}, {"show", run_.path(), "--stats"}}) {
    testing::Words words = command;
    words.insert(words.end(), {"--threads", "1024"});
    const Finished finished = holdfast(words);
    EXPECT_EQ(finished.status, 0);
    EXPECT_THAT(finished.output, Not(HasSubstr("Warning")));
  }
}

TEST_F(VerifyCommand, DeeplyLooksAtTheHdf5FilesToo) {
  EXPECT_EQ(holdfast({"verify", "--deep", run_.path(), "--threads", "1"}).status, 0);
}

TEST_F(VerifyCommand, WritesJson) {
  damage(200);
  const Finished finished = holdfast({"verify", run_.path(), "--json"});
  EXPECT_EQ(finished.status, 1);
  const auto json = json_of(finished);
  EXPECT_EQ(json["sound"], false);
  ASSERT_EQ(json["checkpoints"].size(), 2u);
  const auto& sound = json["checkpoints"][0];
  EXPECT_EQ(sound["path"], run_.path_of(100));
  EXPECT_EQ(sound["sound"], true);
  EXPECT_TRUE(sound["error"].is_null());
  EXPECT_GT(sound["bytes"], 1'200'000);
  EXPECT_GE(sound["seconds"], 0.0);
  EXPECT_TRUE(sound["damage"].empty());
  const auto& damage = json["checkpoints"][1]["damage"][0];
  EXPECT_EQ(damage["file"], testing::kShard);
  EXPECT_THAT(damage["problem"], HasSubstr("differs from its digest"));
  EXPECT_THAT(damage["entries"], ElementsAre("models/net/parameters/fc1.weight"));
}

}  // namespace
}  // namespace holdfast
