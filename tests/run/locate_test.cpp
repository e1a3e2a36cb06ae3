#include <holdfast/checkpoint/run/locate.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/run_listing.h>

#include "support/expect_error.h"
#include "support/files.h"
#include "support/hooked_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using testing::floats;
using testing::SavedRun;

Directory located(const std::string& where) {
  return locate_checkpoint(posix_file_system(), where);
}

std::vector<std::string> all_located(const std::string& where) {
  return locate_checkpoints(posix_file_system(), where);
}

class LocateTest : public ::testing::Test {
 protected:
  LocateTest() {
    for (const std::int64_t step : {9, 10, 200}) run_.save(step, {floats("a", {3})});
  }

  void expect_none(const std::string& where, const std::string& words) {
    expect_error(ErrorKind::kNotFound, words, [&] { located(where); });
    expect_error(ErrorKind::kNotFound, words, [&] { all_located(where); });
  }

  SavedRun run_;
};

TEST_F(LocateTest, TakesACheckpointAsItIs) {
  EXPECT_EQ(located(run_.path_of(9)).path(), run_.path_of(9));
  EXPECT_THAT(all_located(run_.path_of(9)), ElementsAre(run_.path_of(9)));
}

TEST_F(LocateTest, TakesTheNewestCheckpointOfARun) {
  EXPECT_EQ(located(run_.path()).path(), run_.path_of(200));
}

TEST_F(LocateTest, FindsAllCheckpointsOfARunByStep) {
  EXPECT_THAT(all_located(run_.path()),
              ElementsAre(run_.path_of(9), run_.path_of(10), run_.path_of(200)));
}

TEST_F(LocateTest, PassesOverWhatIsNotFinished) {
  std::filesystem::rename(run_.path_of(200),
                          run_.path() + "/checkpoints/" + format::pending_directory_name(200));
  EXPECT_EQ(located(run_.path()).path(), run_.path_of(10));
}

TEST_F(LocateTest, SaysThatASaveWasNotFinished) {
  const std::string unfinished =
      run_.path() + "/checkpoints/" + format::pending_directory_name(200);
  std::filesystem::rename(run_.path_of(200), unfinished);
  expect_none(unfinished, "a save that was not finished");
  expect_none(unfinished + "/", "a save that was not finished");
}

TEST_F(LocateTest, SaysThatNothingIsThere) {
  expect_none(run_.path() + "-other", "there is no such directory");
  expect_error(ErrorKind::kInvalidArgument, "the name of the directory is empty",
               [] { locate_checkpoint(posix_file_system(), ""); });
}

TEST_F(LocateTest, SaysThatAFileIsNoCheckpoint) {
  expect_none(run_.file(9, "index.h5"), "this is a file");
}

TEST_F(LocateTest, SaysThatADirectoryIsNeitherACheckpointNorARun) {
  expect_none(std::filesystem::path(run_.path()).parent_path(), "neither a checkpoint nor a run");
  std::filesystem::remove(run_.file(9, "manifest.json"));
  expect_none(run_.path_of(9), "neither a checkpoint nor a run");
}

TEST_F(LocateTest, SaysThatARunHasNoCheckpoint) {
  for (const std::int64_t step : {9, 10, 200}) std::filesystem::remove_all(run_.path_of(step));
  expect_none(run_.path(), "neither a checkpoint nor a run that has one");
}

// run@…
class NamedCheckpoint : public ::testing::Test {
 protected:
  NamedCheckpoint() {
    for (const auto& [step, loss] : {std::pair{100, 0.5}, {200, 0.1}, {300, 0.4}}) {
      SaveJob job = SavedRun::job(step, {floats("a", {3})});
      job.manifest.metrics["loss"] = loss;
      job.manifest.retention = RetentionPolicy{0, 0, "loss", false};
      run_.save(std::move(job));
    }
  }
  std::int64_t step_of(const std::string& name) const {
    return *format::parse_step_directory(
        std::filesystem::path(located(run_.path() + "@" + name).path()).filename().string());
  }
  void tag(const std::string& name, std::int64_t step) const {
    const RunView view(run_.path());
    Marks(view.directory()).tag(name, identify(view.open(step), step));
  }
  void expect_none(const std::string& where, const std::string& words) const {
    expect_error(ErrorKind::kNotFound, words, [&] { located(where); });
  }

  SavedRun run_;
};

TEST_F(NamedCheckpoint, IsTheLatestTheBestAStepOrATag) {
  tag("paper", 100);
  EXPECT_EQ(step_of("latest"), 300);
  EXPECT_EQ(step_of("best"), 200);
  EXPECT_EQ(step_of("100"), 100);
  EXPECT_EQ(step_of("000300"), 300);
  EXPECT_EQ(step_of("paper"), 100);
  EXPECT_THAT(all_located(run_.path() + "@best"), ElementsAre(run_.path_of(200)));
}

TEST_F(NamedCheckpoint, IsNotThere) {
  expect_none(run_.path() + "@400", "no checkpoint of step 400");
  expect_none(run_.path() + "@thesis", "no tag 'thesis'");
  expect_none(run_.path() + "@", "no tag ''");
  expect_none(run_.path() + "x@best", "run");
  SaveJob job = SavedRun::job(400, {floats("a", {3})});
  job.manifest.retention = RetentionPolicy{};
  run_.save(std::move(job));
  expect_none(run_.path() + "@best", "no best checkpoint");
}

TEST_F(NamedCheckpoint, IsNotTheBestOfThoseThatCanBeReadWhereAnotherMayBeIt) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  int opened = 0;  // of 100, 200 …
  hooked->in_open = [&](const std::string& name) {
    return name == "manifest.json" && ++opened == 2 ? -EIO : 0;
  };
  expect_error(ErrorKind::kIo, "cannot be read, and may be the best",
               [&] { locate_checkpoint(hooked, run_.path() + "@best"); });
}

TEST_F(NamedCheckpoint, ThatWasReplacedByAnotherOfItsStepIsGone) {
  tag("paper", 200);
  std::filesystem::remove_all(run_.path_of(200));
  expect_none(run_.path() + "@paper", "no checkpoint of step 200");
  run_.save(200, {floats("b", {4})});
  expect_none(run_.path() + "@paper", "another checkpoint has its step now");
}

TEST_F(NamedCheckpoint, OfARunThatIsNotThereSaysSo) {
  expect_none(run_.path() + "x@best", run_.path() + "x: there is no such directory");
  expect_none("/scratch/me@site/runs/x", "there is no such directory");
}

TEST_F(NamedCheckpoint, IsFoundByItsTagWhereARollBackMovedIt) {
  tag("paper", 300);
  RunStore(posix_file_system(), run_.path()).supersede_after(200, "an-id");
  const std::string place = run_.path() + "/superseded/an-id/step-000000000300";
  EXPECT_EQ(located(run_.path() + "@paper").path(), place);
  run_.save(300, {floats("b", {4})});
  EXPECT_EQ(located(run_.path() + "@paper").path(), place);
  EXPECT_EQ(step_of("300"), 300);
}

TEST_F(NamedCheckpoint, OfWhatIsInQuarantineSaysSo) {
  tag("paper", 300);
  RunStore(posix_file_system(), run_.path()).quarantine(300, "damaged");
  expect_none(run_.path() + "@paper", "found damaged: quarantine/step-000000000300");
  run_.save(300, {floats("b", {4})});
  tag("thesis", 300);
  RunStore(posix_file_system(), run_.path()).quarantine(300, "damaged");
  expect_none(run_.path() + "@thesis", "quarantine/step-000000000300-2");
}

TEST_F(NamedCheckpoint, GivesWayToADirectoryOfThatName) {
  const std::string path = run_.path() + "@best";
  std::filesystem::copy(run_.path_of(100), path, std::filesystem::copy_options::recursive);
  EXPECT_EQ(located(path).path(), path);
}

}  // namespace
}  // namespace holdfast
