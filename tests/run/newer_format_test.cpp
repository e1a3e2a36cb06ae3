// A run with a checkpoint that a newer Holdfast has written: whoever meets it says so, and it is
// neither quarantined nor retired nor changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/log/event_teller.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/locate.h>
#include <holdfast/checkpoint/run/mark_checkpoint.h>
#include <holdfast/checkpoint/run/recovery.h>
#include <holdfast/checkpoint/run/retirement.h>
#include <holdfast/checkpoint/run/run_listing.h>

#include "support/expect_error.h"
#include "support/files.h"
#include "support/newer_format.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using testing::floats;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SavedRun;

constexpr const char* kNewer = "written by a newer Holdfast";

// Steps 100 to 400; the test makes one of them newer.
class NewerFormat : public ::testing::TestWithParam<std::string> {
 protected:
  NewerFormat() {
    for (const std::int64_t step : {100, 200, 300, 400}) {
      SaveJob job = SavedRun::job(step, {floats("a", {3})});
      job.manifest.metrics["accuracy"] = static_cast<double>(step);
      job.manifest.retention = RetentionPolicy{2, 1, "accuracy", true};
      run_.save(std::move(job));
    }
  }

  void make_newer(std::int64_t step) { testing::set_version(run_.path_of(step), GetParam()); }

  RunStore store() const { return RunStore(posix_file_system(), run_.path()); }
  std::optional<CheckpointFiles> load_latest(RunStore& store) {
    EventTeller teller(store.root(), [this](const Event& event) { told_.push_back(event.name); });
    Recovery recovery(store, teller, 1);
    return recovery.load_latest(
        [this](const CheckpointFiles& files, bool) { loaded_.push_back(files.manifest().step); },
        [](const CheckpointFiles&) { return true; });
  }

  SavedRun run_;
  std::vector<std::string> told_;
  std::vector<std::int64_t> loaded_;
};

TEST_P(NewerFormat, IsNoReasonToFallBackToAnOlderCheckpoint) {
  make_newer(400);
  RunStore run = store();
  expect_error(ErrorKind::kVersion, kNewer, [&] { load_latest(run); });
  EXPECT_THAT(run.steps(), ElementsAre(100, 200, 300, 400));
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(loaded_, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(run_.path() + "/quarantine"));
  EXPECT_FALSE(std::filesystem::exists(run_.path() + "/superseded"));
}

TEST_P(NewerFormat, StopsTheFallBackFromOneThatIsDamaged) {
  make_newer(300);
  run_.flip_bit(run_.file(400, "catalog.json"), 20);
  RunStore run = store();
  expect_error(ErrorKind::kVersion, kNewer, [&] { load_latest(run); });
  EXPECT_THAT(run.steps(), ElementsAre(100, 200, 300));
  EXPECT_THAT(told_, ElementsAre("quarantine"));
}

TEST_P(NewerFormat, CannotBeGoneBackTo) {
  make_newer(200);
  RunStore run = store();
  EventTeller teller(run.root(), nullptr);
  Recovery recovery(run, teller, 1);
  expect_error(ErrorKind::kVersion, kNewer,
               [&] { recovery.load_from(run_.path_of(200), [](const CheckpointFiles&, bool) {}); });
  EXPECT_THAT(run.steps(), ElementsAre(100, 200, 300, 400));
}

TEST_P(NewerFormat, IsNotRetiredAndTakesNobodysPlace) {
  for (const std::int64_t step : {100, 400}) make_newer(step);
  RunStore run = store();
  Retirement retirement(run, RetentionPolicy{1, 0, "", true});
  std::vector<std::int64_t> retired;
  retirement.apply([&](std::int64_t step) { retired.push_back(step); });
  EXPECT_THAT(retired, ElementsAre(200));
  EXPECT_THAT(run.steps(), ElementsAre(100, 300, 400));
}

TEST_P(NewerFormat, IsNotRetiredAfterACommitOfThisProcess) {
  make_newer(100);
  RunStore run = store();
  Retirement retirement(run, RetentionPolicy{1, 0, "", true});
  retirement.after_commit(400, {}, [](std::int64_t) {});
  EXPECT_THAT(run.steps(), ElementsAre(100, 400));
}

TEST_P(NewerFormat, IsListedWithTheReasonAndAsOneThatMayBeSound) {
  make_newer(400);
  const RunListing listing = list_run(RunView(run_.path()));
  ASSERT_EQ(listing.checkpoints.size(), 4u);
  const ListedCheckpoint& newest = listing.checkpoints.back();
  EXPECT_THAT(newest.problem, HasSubstr(kNewer));
  EXPECT_TRUE(newest.may_be_sound);
  EXPECT_TRUE(newest.is_newest);
  EXPECT_EQ(listing.checkpoints[2].problem, "");
}

TEST_P(NewerFormat, MayBeTheBest) {
  make_newer(400);
  expect_error(ErrorKind::kIo, "may be the best",
               [&] { open_checkpoint(posix_file_system(), run_.path() + "@best"); });
}

TEST_P(NewerFormat, IsTheNewestForAReaderToo) {
  make_newer(400);
  for (const std::string& where : {run_.path(), run_.path() + "@latest", run_.path() + "@400"})
    expect_error(ErrorKind::kVersion, kNewer, [&] { open_checkpoint(posix_file_system(), where); });
}

TEST_P(NewerFormat, CanBePinnedAndTagged) {
  make_newer(100);
  make_newer(200);
  const RunView view(run_.path());
  pin_checkpoint(view, 100);
  tag_checkpoint(view, 200, "paper");
  EXPECT_THAT(store().protected_steps(), ElementsAre(100, 200));
}

INSTANTIATE_TEST_SUITE_P(AnyNewer, NewerFormat, ::testing::ValuesIn(testing::newer_versions()));

// Version 3 without a requirement, with what this Holdfast has no use for.
TEST(Version3, OfARunIsLoadedListedAndRetiredLikeAnyOther) {
  SavedRun run;
  for (const std::int64_t step : {100, 200, 300}) {
    run.save(step, {floats("a", {3})});
    testing::add_file(run.path_of(step), "net.onnx", "onnx", "an ONNX file");
  }
  for (const ListedCheckpoint& one : list_run(RunView(run.path())).checkpoints)
    EXPECT_EQ(one.problem, "");
  RunStore store(posix_file_system(), run.path());
  EventTeller teller(store.root(), [](const Event& event) { ADD_FAILURE() << event.name; });
  Recovery recovery(store, teller, 1);
  const auto files = recovery.load_latest([](const CheckpointFiles&, bool) {},
                                          [](const CheckpointFiles&) { return true; });
  EXPECT_EQ(files->manifest().step, 300);
  Retirement(store, RetentionPolicy{1, 0, "", true}).apply([](std::int64_t) {});
  EXPECT_THAT(store.steps(), ElementsAre(300));
}

TEST(Version3, IsNotCompleteWithoutAFileOfAKindThatIsNotKnown) {
  SavedRun run;
  for (const std::int64_t step : {100, 200}) {
    run.save(step, {floats("a", {3})});
    testing::add_file(run.path_of(step), "net.surprise", "surprise", "something");
  }
  std::filesystem::remove(run.file(200, "net.surprise"));
  const ListedCheckpoint newest = list_run(RunView(run.path())).checkpoints.back();
  EXPECT_THAT(newest.problem, HasSubstr("a file of the checkpoint is missing"));
  EXPECT_FALSE(newest.may_be_sound);
}

}  // namespace
}  // namespace holdfast
