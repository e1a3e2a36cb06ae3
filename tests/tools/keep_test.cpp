// gc, rm, pin, unpin and tag.
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/run/run_view.h>

#include "checkpoint_fixture.h"
#include "keep/removal.h"
#include "support/expect_error.h"
#include "support/files.h"
#include "support/hooked_file_system.h"

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

TEST_F(Keep, GcSaysWhatIsInItsWayWhetherItWouldRemoveOrDoes) {
  std::filesystem::create_directory_symlink(run_.path_of(100), run_.path_of(500));
  const char* const words = "step-000000000500: no checkpoint can be kept under this name";
  expect_refused({"gc", run_.path(), "--dry-run"}, 1, words);
  expect_refused({"gc", run_.path()}, 1, words);
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
}

TEST_F(Keep, GcSaysWhatItCannotRead) {
  testing::write_file(run_.file(200, "manifest.json"), "{");
  const std::string words = "holdfast: step 200 is left alone: " + run_.file(200, "manifest.json");
  const Finished finished = holdfast({"gc", run_.path()});
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, AllOf(HasSubstr(words), HasSubstr("removed step 100")));
  EXPECT_THAT(steps(), ElementsAre(200, 300, 400));
  for (const Words& options : {Words{}, Words{"--dry-run"}}) {
    Words again = {"gc", run_.path()};
    again.insert(again.end(), options.begin(), options.end());
    EXPECT_THAT(holdfast(again).output, AllOf(HasSubstr(words), HasSubstr("nothing to remove")));
  }
  testing::write_file(run_.file(200, "manifest.json"), "{");
  const auto document = json_of(holdfast({"gc", run_.path(), "--json", "--dry-run"}));
  ASSERT_EQ(document["left_alone"].size(), 1u);
  EXPECT_THAT(document["left_alone"][0].get<std::string>(), HasSubstr("step 200"));
}

TEST_F(Keep, ALinkToACheckpointElsewhereIsReadAndNeverRemoved) {
  const std::string elsewhere = run_.path() + "-old/checkpoints";
  std::filesystem::create_directories(elsewhere);
  const std::string moved = elsewhere + "/step-000000000200";
  std::filesystem::rename(run_.path_of(200), moved);
  std::filesystem::create_directory_symlink(moved, run_.path_of(200));
  EXPECT_THAT(holdfast({"show", at("200")}).output, HasSubstr("step 200"));
  EXPECT_THAT(holdfast({"ls", run_.path()}).output, HasSubstr(run_.path_of(200)));
  EXPECT_THAT(holdfast({"gc", run_.path()}).output,
              AllOf(HasSubstr("removed step 100"), HasSubstr(run_.path_of(200))));
  for (const std::string& name : {at("200"), run_.path_of(200), run_.path_of(200) + "/"})
    expect_refused({"rm", name}, 2, "this is a link to a checkpoint, not one of the run's");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(run_.path() + "/checkpoints");
  for (const std::string name : {"step-000000000200", "step-000000000200/", "./step-000000000200"})
    expect_refused({"rm", name}, 2, "this is a link to a checkpoint, not one of the run's");
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::is_symlink(run_.path_of(200)));
  EXPECT_THAT(holdfast({"verify", moved}).output, HasSubstr("sound"));
}

TEST_F(Keep, GcKeepsWhatIsPinnedOrTagged) {
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

// By their metrics step 100 is the best, and the lower the better.
class KeepTheBest : public Keep {
 protected:
  KeepTheBest() {
    SaveJob job = SavedRun::job(500, testing::small_training());
    job.manifest.metrics["loss"] = 0.7;
    job.manifest.retention = RetentionPolicy{1, 1, "loss", false};
    run_.save(std::move(job));
  }
};

TEST_F(KeepTheBest, GcGoesByTheDirectionOfTheRunsOwnMetric) {
  holdfast({"gc", run_.path(), "--metric", "loss"});
  EXPECT_THAT(steps(), ElementsAre(100, 500));
}

TEST_F(KeepTheBest, GcTakesAnotherDirectionWhereItIsTold) {
  holdfast({"gc", run_.path(), "--metric", "loss", "--keep-best", "2", "--higher-is-better"});
  EXPECT_THAT(steps(), ElementsAre(400, 500));
}

TEST_F(KeepTheBest, GcNeedsToKnowWhichValuesAreBetter) {
  expect_refused({"gc", run_.path(), "--metric", "accuracy"}, 2, "give --lower-is-better or");
  EXPECT_EQ(
      holdfast({"gc", run_.path(), "--metric", "loss", "--lower-is-better", "--higher-is-better"})
          .status,
      2);
}

TEST_F(KeepTheBest, GcRefusesAMetricThatNoCheckpointHas) {
  expect_refused({"gc", run_.path(), "--metric", "typo", "--keep-best", "2", "--lower-is-better"},
                 2, "expected one of \"loss\"");
  EXPECT_EQ(steps().size(), 5u);
}

TEST_F(Keep, GcSaysWhyNothingGoes) {
  EXPECT_EQ(holdfast({"gc", run_.path(), "--keep-last", "0", "--keep-best", "1", "--metric", "loss",
                      "--lower-is-better"})
                .output,
            "nothing to remove: all are kept; --keep-last N keeps fewer\n");
}

TEST_F(Keep, GcWouldKeepWhatItKeeps) {
  holdfast({"pin", at("100")});
  std::filesystem::remove(run_.file(100, "manifest.json"));
  const auto document = json_of(holdfast({"gc", run_.path(), "--dry-run", "--json"}));
  ASSERT_EQ(document["removed"].size(), 1u);
  EXPECT_EQ(document["removed"][0]["step"], 200);
}

TEST_F(Keep, ARunStandsForNoneOfItsCheckpoints) {
  for (const char* command : {"rm", "pin", "unpin"}) {
    expect_refused({command, run_.path()}, 2, "name the checkpoint: " + run_.path() + "@latest");
    expect_refused({command, run_.path() + "/"}, 2, "this is a run");
  }
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
}

TEST_F(Keep, TellsOfTheRunAsItWasNamed) {
  const std::string run = std::filesystem::path(run_.path()).filename();
  const auto there = [&](const std::string& words) {
    return testing::run_process(
               {"/bin/sh", "-c", "cd '" + run_.path() + "/..' && " HOLDFAST_PROGRAM " " + words})
        .output;
  };
  EXPECT_EQ(there("pin " + run + "@100"), "pinned " + run + ", step 100\n");
  EXPECT_EQ(there("unpin " + run + "@100"), "unpinned " + run + ", step 100\n");
  EXPECT_EQ(there("pin " + run_.path_of(100)), "pinned " + run_.path() + ", step 100\n");
}

TEST_F(Keep, TakesAPathWithASlashBehindIt) {
  EXPECT_EQ(holdfast({"pin", run_.path_of(100) + "/"}).status, 0);
  EXPECT_EQ(holdfast({"unpin", run_.path_of(100) + "//"}).status, 0);
  EXPECT_EQ(holdfast({"rm", run_.path_of(100) + "/"}).status, 0);
  EXPECT_THAT(steps(), ElementsAre(200, 300, 400));
}

TEST_F(Keep, RmRemovesWhatIsNamedTwiceOnce) {
  EXPECT_EQ(holdfast({"rm", at("latest"), at("latest")}).status, 0);
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300));
}

TEST_F(Keep, RmRemovesNoneUnlessAllMayGo) {
  holdfast({"pin", at("300")});
  expect_refused({"rm", at("100"), at("300")}, 1, "pinned or tagged");
  expect_refused({"rm", at("100"), at("999")}, 1, "no checkpoint of step 999");
  holdfast({"unpin", at("300")});
  expect_refused({"rm", at("100"), at("200"), at("300"), at("400")}, 1,
                 "all the checkpoints that the run has");
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
}

TEST_F(Keep, RmSaysThatSomebodyMarkedItMeanwhile) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  hooked->before_rename = [&](const std::string& to) {
    if (to.rfind(".del-", 0) == 0) holdfast({"pin", at("100")});
  };
  std::vector<tool::RunCheckpoint> found;
  found.push_back(tool::find_in_run(at("100")));
  testing::expect_error(ErrorKind::kExists, "pinned or tagged meanwhile", [&] {
    tool::remove_checkpoints(
        found, false, [](const std::string&, std::int64_t) { FAIL(); }, hooked);
  });
  EXPECT_THAT(steps(), ElementsAre(100, 200, 300, 400));
}

TEST_F(Keep, MarksOutliveARollBack) {
  holdfast({"pin", at("400")});
  holdfast({"tag", run_.path(), "300", "paper"});
  RunStore(posix_file_system(), run_.path()).supersede_after(200, "an-id");
  EXPECT_EQ(json_of(holdfast({"show", at("paper"), "--json"}))["step"], 300);
  EXPECT_EQ(holdfast({"tag", run_.path()}).output,
            "paper  step 300, now superseded/an-id/step-000000000300\n");
  EXPECT_THAT(holdfast({"ls", run_.path()}).output,
              AllOf(HasSubstr("  pin of step 400, now superseded/an-id/step-000000000400\n"),
                    HasSubstr("  tag paper of step 300, now superseded/an-id/step-0")));
  const auto document = json_of(holdfast({"ls", run_.path(), "--json"}));
  EXPECT_EQ(document["stray_marks"][0]["tag"], nullptr);
  EXPECT_EQ(document["stray_marks"][1]["place"], "superseded/an-id/step-000000000300");
  EXPECT_THAT(holdfast({"unpin", at("400")}).output, HasSubstr("unpinned"));
  EXPECT_EQ(holdfast({"tag", run_.path(), "--remove", "paper"}).status, 0);
  EXPECT_EQ(json_of(holdfast({"ls", run_.path(), "--json"}))["stray_marks"].size(), 0u);
}

TEST_F(Keep, ATagOfWhatIsGoneSaysSo) {
  holdfast({"tag", run_.path(), "100", "paper"});
  std::filesystem::remove_all(run_.path_of(100));
  EXPECT_EQ(holdfast({"tag", run_.path()}).output, "paper  step 100, which is gone\n");
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
  expect_refused({"rm", at("latest")}, 1, "the only checkpoint that the run has");
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
  EXPECT_THAT(training.protected_steps(), ElementsAre(100));
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

TEST_F(Keep, NumbersAreDecimalWhateverZerosAreInFront) {
  EXPECT_THAT(holdfast({"tag", run_.path(), "000000000200", "paper"}).output,
              HasSubstr("@paper is step 200\n"));
  EXPECT_EQ(json_of(holdfast({"show", at("0200"), "--json"}))["step"], 200);
  EXPECT_EQ(holdfast({"verify", at("200"), "--threads", "08"}).status, 0);
  holdfast({"gc", run_.path(), "--keep-last", "010"});
  EXPECT_EQ(steps().size(), 4u);
  holdfast({"gc", run_.path(), "--keep-last", "01"});
  EXPECT_THAT(steps(), ElementsAre(200, 400));
}

TEST_F(Keep, AStepBehindTheRunHasNoSeparators) {
  expect_refused({"show", at("2,850")}, 1, "a step without separators");
}

TEST_F(Keep, ATagThatCannotBeIsRefused) {
  expect_refused({"tag", run_.path(), "200", "best"}, 2, "cannot be a tag");
  expect_refused({"tag", run_.path(), "200"}, 2, "without NAME");
  expect_refused({"tag", run_.path(), "999", "x"}, 1, "the run has no checkpoint of step 999");
  EXPECT_EQ(holdfast({"tag", run_.path(), "x", "y"}).status, 2);
}

TEST_F(Keep, AnEmptyValueIsNotTakenForNone) {
  const Finished finished = holdfast({"tag", run_.path(), "--remove", ""});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, HasSubstr("the value is empty"));
}

TEST_F(Keep, OnlyTheListOfTagsIsADocument) {
  EXPECT_EQ(holdfast({"tag", run_.path(), "200", "paper", "--json"}).status, 2);
  EXPECT_EQ(holdfast({"tag", run_.path(), "--remove", "paper", "--json"}).status, 2);
  EXPECT_EQ(holdfast({"tag", run_.path()}).output, run_.path() + " has no tags\n");
}

// Of the two newest, one has no manifest and one no data.
TEST_F(Keep, GcGivesIncompleteCheckpointsNoPlaceAmongTheLast) {
  std::filesystem::resize_file(run_.file(300, "manifest.json"), 10);
  std::filesystem::remove(run_.file(400, testing::kShard));
  const auto planned =
      json_of(holdfast({"gc", run_.path(), "--keep-last", "1", "--dry-run", "--json"}));
  ASSERT_EQ(planned.at("removed").size(), 1u);
  EXPECT_EQ(planned["removed"][0].at("step"), 100);
  EXPECT_EQ(holdfast({"gc", run_.path(), "--keep-last", "1"}).status, 0);
  EXPECT_THAT(steps(), ElementsAre(200, 300, 400));
}

TEST_F(Keep, RmLeavesACompleteOne) {
  std::filesystem::remove(run_.file(400, "catalog.json"));
  expect_refused({"rm", at("100"), at("200"), at("300")}, 1, "all the complete checkpoints");
  EXPECT_EQ(holdfast({"rm", at("100"), at("200")}).status, 0);
  expect_refused({"rm", at("300")}, 1, "the only complete checkpoint");
}

TEST_F(Keep, RmTakesAnIncompleteOneWhereNoneIsComplete) {
  for (const std::int64_t step : {100, 200, 300, 400})
    std::filesystem::resize_file(run_.file(step, "manifest.json"), 10);
  EXPECT_EQ(holdfast({"rm", at("100"), at("200"), at("300")}).status, 0);
  expect_refused({"rm", at("400")}, 1, "the only checkpoint that the run has");
}

TEST_F(Keep, SaysOfATagThatCannotBeReadThatItKeepsAll) {
  holdfast({"tag", run_.path(), "100", "paper"});
  testing::write_file(run_.path() + "/tags/paper", "");
  const std::string problem = run_.path() + "/tags/paper: the tag cannot be read";
  expect_refused({"show", at("paper")}, 1, problem);
  expect_refused({"rm", at("200")}, 1, problem);
  EXPECT_THAT(holdfast({"gc", run_.path()}).output,
              AllOf(HasSubstr(problem), HasSubstr("nothing to remove\n")));
  EXPECT_EQ(holdfast({"tag", run_.path()}).output, "paper  cannot be read\n");
  EXPECT_TRUE(json_of(holdfast({"tag", run_.path(), "--json"})).at("paper").is_null());
  EXPECT_THAT(holdfast({"ls", run_.path()}).output, HasSubstr("tag paper (cannot be read)"));
  EXPECT_EQ(holdfast({"tag", run_.path(), "--remove", "paper"}).status, 0);
  EXPECT_EQ(holdfast({"rm", at("200")}).status, 0);
}

TEST_F(Keep, FindsTheRunOfAPathWithALinkInIt) {
  const testing::TemporaryDirectory directory;
  const std::string other = directory / "other";
  std::filesystem::copy(run_.path(), other, std::filesystem::copy_options::recursive);
  std::filesystem::create_directory_symlink(run_.path() + "/checkpoints", other + "/link");
  const std::string path = other + "/link/../checkpoints/" + format::step_directory_name(100);
  EXPECT_EQ(holdfast({"rm", path}).status, 0);
  EXPECT_THAT(steps(), ElementsAre(200, 300, 400)) << "as the kernel takes the path";
  EXPECT_THAT(RunView(other).steps(), ElementsAre(100, 200, 300, 400));
}

}  // namespace
}  // namespace holdfast
