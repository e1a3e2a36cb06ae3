#include <holdfast/checkpoint/run/write_checkpoint.h>

#include <cerrno>
#include <filesystem>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/files.h"
#include "support/hooked_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::Call;
using ::testing::ElementsAre;
using testing::expect_error;
using testing::FaultFileSystem;
using testing::floats;
using testing::SavedRun;

class WriteCheckpoint : public ::testing::Test {
 protected:
  SaveReport write(const std::string& path, std::int64_t step = 7) {
    SaveJob job = SavedRun::job(step, {floats("w", {300, 1000}), testing::integer("n", 3)});
    return write_checkpoint(disk_, path, std::move(job.manifest), std::move(job.items));
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      names.push_back(entry.path().filename());
    return names;
  }

  testing::TemporaryDirectory directory_;
  std::shared_ptr<FaultFileSystem> disk_ = std::make_shared<FaultFileSystem>();
};

TEST_F(WriteCheckpoint, MakesAWholeCheckpointAtAnyPath) {
  for (const std::string name : {"a", "b/"}) {
    const SaveReport report = write(directory_ / name);
    EXPECT_EQ(report.step, 7);
    EXPECT_GT(report.bytes, 1'200'000U);
    const CheckpointFiles files(Directory::open(posix_file_system(), directory_ / name));
    EXPECT_EQ(files.manifest().step, 7);
    EXPECT_EQ(testing::read_floats(files, "w")[299'999], 299'999.0F);
    EXPECT_TRUE(verify(files.directory(), VerifyDepth::kDeep, 1).empty());
  }
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(WriteCheckpoint, NamesTheTargetThatAnotherHasMadeMeanwhile) {
  const auto hooked = std::make_shared<testing::HookedFileSystem>();
  hooked->before_rename = [&](const std::string& to) {
    std::filesystem::create_directory(directory_ / to);
  };
  SaveJob job = SavedRun::job(7, {floats("w", {3})});
  expect_error(ErrorKind::kExists, "/late: there is something already", [&] {
    write_checkpoint(hooked, directory_ / "late", std::move(job.manifest), std::move(job.items));
  });
  EXPECT_THAT(names(), ElementsAre("late"));
}

TEST_F(WriteCheckpoint, NamesTheTargetAndNotWhatIsUnfinished) {
  for (const Call call : {Call::kMkdir, Call::kWrite}) {
    disk_->fail(call, ENOSPC);
    expect_error(ErrorKind::kNoSpace, directory_ / "x: cannot", [&] { write(directory_ / "x"); });
    EXPECT_TRUE(names().empty());
  }
}

TEST_F(WriteCheckpoint, NeverReplacesAnything) {
  testing::write_file(directory_ / "file", "mine");
  std::filesystem::create_directory(directory_ / "directory");
  for (const std::string name : {"file", "directory"})
    expect_error(ErrorKind::kExists, name + ": there is something already",
                 [&] { write(directory_ / name); });
  EXPECT_EQ(testing::read_file(directory_ / "file"), "mine");
  EXPECT_EQ(names().size(), 2U);
}

TEST_F(WriteCheckpoint, NeedsAParentAndAName) {
  expect_error(ErrorKind::kNotFound, "nowhere", [&] { write(directory_ / "nowhere/a"); });
  expect_error(ErrorKind::kInvalidArgument, "", [&] { write(directory_ / ".."); });
  expect_error(ErrorKind::kInvalidArgument, "a name that is not for unfinished saves",
               [&] { write(directory_ / format::pending_directory_name(7)); });
  EXPECT_TRUE(names().empty());
}

// Whichever call fails: all of it is there, or nothing.
TEST_F(WriteCheckpoint, LeavesNothingWhereACallFails) {
  write(directory_ / "probe");
  const int calls = disk_->calls();
  ASSERT_GT(calls, 20);
  std::filesystem::remove_all(directory_ / "probe");
  int failures = 0;
  for (int k = 1; k <= calls; ++k) {
    disk_->heal();
    disk_->fail_any(ENOSPC, k);
    try {
      write(directory_ / "made");
    } catch (const Error&) {
      ++failures;
      disk_->heal();
      EXPECT_TRUE(names().empty()) << "call " << k;
      std::filesystem::remove_all(directory_.path());
      std::filesystem::create_directory(directory_.path());
      continue;
    }
    EXPECT_TRUE(
        verify(Directory::open(posix_file_system(), directory_ / "made"), VerifyDepth::kFull, 1)
            .empty())
        << "call " << k;
    std::filesystem::remove_all(directory_ / "made");
  }
  EXPECT_GT(failures, 10);
}

TEST_F(WriteCheckpoint, IntoARunIsASaveOfTheRun) {
  SavedRun run;
  run.save(100, {floats("w", {2})});
  write(run.path_of(200), 200);
  EXPECT_EQ(run.open(200).manifest().step, 200);
  expect_error(ErrorKind::kInvalidArgument, "\"step-000000000300\"",
               [&] { write(run.path_of(400), 300); });
  expect_error(ErrorKind::kExists, "checkpoints never change",
               [&] { write(run.path_of(100), 100); });
  const RunStore training(posix_file_system(), run.path());
  expect_error(ErrorKind::kLocked, "", [&] { write(run.path_of(300), 300); });
  EXPECT_THAT(training.steps(), ElementsAre(100, 200));
}

}  // namespace
}  // namespace holdfast
