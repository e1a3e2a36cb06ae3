#include <holdfast/checkpoint/run/retirement.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/marks/marks.h>

#include "run/run_fixture.h"
#include "support/hooked_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::Call;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::IsEmpty;
using testing::Steps;

// A run with checkpoints of 1 to 5, of which the policy keeps the last.
class RetirementTest : public ::testing::Test {
 protected:
  RetirementTest() {
    for (const std::int64_t step : {1, 2, 3, 4, 5}) run_.save(step, {testing::floats("x", {2})});
    policy_.keep_last = 1;
  }

  static CheckpointId id(const RunStore& store, std::int64_t step) {
    return identify(store.open(step), step);
  }
  // Which are told to have gone.
  Steps apply(RunStore& store) const {
    Steps gone;
    Retirement(store, policy_).apply([&](std::int64_t step) { gone.push_back(step); });
    return gone;
  }

  testing::SavedRun run_;
  RetentionPolicy policy_;
  std::shared_ptr<testing::HookedFileSystem> hooked_ =
      std::make_shared<testing::HookedFileSystem>();
  std::shared_ptr<testing::FaultFileSystem> faults_ = std::make_shared<testing::FaultFileSystem>();
};

TEST_F(RetirementTest, RemovesWhatThePolicyDoesNotKeep) {
  RunStore store(posix_file_system(), run_.path());
  EXPECT_EQ(apply(store), (Steps{1, 2, 3, 4}));
  EXPECT_THAT(Directory::open(posix_file_system(), run_.path() + "/checkpoints").list(),
              ElementsAre("step-000000000005"));
  EXPECT_THAT(apply(store), IsEmpty());
}

TEST_F(RetirementTest, ReadsEachTagOnceForThePlanAndOnceForAllRemovals) {
  RunStore store(hooked_, run_.path());
  Marks(store.root()).tag("paper", id(store, 3));
  int opened = 0;
  hooked_->in_open = [&](const std::string& name) {
    if (name == "paper") ++opened;
    return 0;
  };
  EXPECT_EQ(apply(store), (Steps{1, 2, 4}));
  EXPECT_EQ(opened, 2);
}

TEST_F(RetirementTest, MakesTheGoneNamesDurableOnce) {
  RunStore store(faults_, run_.path());
  const int before = faults_->calls(Call::kFsync);
  EXPECT_EQ(apply(store), (Steps{1, 2, 3, 4}));
  EXPECT_EQ(faults_->calls(Call::kFsync), before + 1);
}

// Each is marked when it is about to lose its name or has just lost it, as by somebody who found it
// there a moment ago.
TEST_F(RetirementTest, WhatIsMarkedWhileItIsRemovedComesBack) {
  RunStore store(hooked_, run_.path());
  Marks marks(store.root());
  const CheckpointId first = id(store, 1), second = id(store, 2);
  hooked_->before_rename = [&](const std::string& to) {
    if (format::parse_retired_directory(to) != 2) return;
    marks.pin(first);
    marks.tag("paper", second);
  };
  EXPECT_EQ(apply(store), (Steps{3, 4}));
  EXPECT_THAT(store.steps(), ElementsAre(1, 2, 5));
  EXPECT_EQ(testing::read_floats(run_.open(1), "x")[1], 1.0f);
}

TEST_F(RetirementTest, TriesTheOthersWhenOneCannotBeRemoved) {
  RunStore store(faults_, run_.path());
  faults_->fail(Call::kRename, EIO, 2);
  Steps gone;
  Retirement retirement(store, policy_);
  const auto note = [&](std::int64_t step) { gone.push_back(step); };
  expect_error(ErrorKind::kIo, "step-000000000002", [&] { retirement.apply(note); });
  EXPECT_EQ(gone, (Steps{1, 3, 4}));
  EXPECT_THAT(store.steps(), ElementsAre(2, 5));
  retirement.apply(note);
  EXPECT_EQ(gone, (Steps{1, 3, 4, 2}));
}

TEST_F(RetirementTest, RemovesNoFileWhileTheNamesAreNotDurablyGone) {
  {
    RunStore store(faults_, run_.path());
    faults_->fail(Call::kFsync, EIO);
    expect_error(ErrorKind::kIo, "durable", [&] { apply(store); });
    EXPECT_THAT(store.steps(), ElementsAre(5));
    std::size_t whole = 0;
    for (const auto& entry : std::filesystem::directory_iterator(run_.path() + "/checkpoints"))
      whole += std::filesystem::exists(entry.path() / "manifest.json") ? 1 : 0;
    EXPECT_EQ(whole, 5u);
  }
  const RunStore next(posix_file_system(), run_.path());
  EXPECT_THAT(Directory::open(posix_file_system(), run_.path() + "/checkpoints").list(),
              ElementsAre("step-000000000005"));
}

}  // namespace
}  // namespace holdfast
