#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "run/run_fixture.h"

namespace holdfast {
namespace {

using ::testing::AnyOf;
using testing::Call;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::IsEmpty;
using testing::Steps;

class RunStoreTest : public testing::StoreTest {
 protected:
  void make_file(const std::string& name) {
    std::ofstream(checkpoints() + "/" + name) << "precious";
  }
  void make_directory(const std::string& name) {
    std::filesystem::create_directories(checkpoints() + "/" + name);
  }
};

TEST_F(RunStoreTest, StartsEmptyWhereThereWasNothing) {
  const RunStore store(fs, temporary / "a/b/run");
  EXPECT_THAT(store.steps(), IsEmpty());
  EXPECT_EQ(store.path(), temporary / "a/b/run");
  EXPECT_THAT(store.root().list(), ElementsAre("LOCK", "checkpoints"));
}

TEST_F(RunStoreTest, ShowsACheckpointOnceItIsCommitted) {
  RunStore store = start();
  PendingCheckpoint pending = begin(store, 200);
  EXPECT_EQ(pending.step(), 200);
  EXPECT_THAT(store.steps(), IsEmpty());
  store.commit(std::move(pending));
  EXPECT_THAT(store.steps(), ElementsAre(200));
  EXPECT_THAT(entries(), ElementsAre("step-000000000200"));
  EXPECT_EQ(read(store.open(200)), "step 200");
}

TEST_F(RunStoreTest, KeepsItsCheckpointsFromRunToRun) {
  save_in_a_run_of_its_own(300);
  save_in_a_run_of_its_own(100);
  save_in_a_run_of_its_own(2000000000000);
  EXPECT_THAT(start().steps(), ElementsAre(100, 300, 2000000000000));
}

TEST_F(RunStoreTest, SaysThatACheckpointIsNotThere) {
  RunStore store = start();
  expect_error(ErrorKind::kNotFound, "step-000000000200", [&] { store.open(200); });
  expect_error(ErrorKind::kNotFound, "step-000000000200", [&] { store.retire(200); });
  expect_error(ErrorKind::kNotFound, "step-000000000200", [&] { store.quarantine(200, "why"); });
}

TEST_F(RunStoreTest, ChangesNoCommittedCheckpoint) {
  RunStore store = start();
  save(store, 200);
  expect_error(ErrorKind::kExists, "never change", [&] { store.begin(200); });
  EXPECT_EQ(read(store.open(200)), "step 200");
}

TEST_F(RunStoreTest, CommitsOntoNothingThatAppearedMeanwhile) {
  RunStore store = start();
  PendingCheckpoint pending = begin(store, 200);
  make_directory("step-000000000200");
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.commit(std::move(pending)); });
  EXPECT_THAT(entries(), ElementsAre("step-000000000200"));
  EXPECT_THAT(look(checkpoints() + "/step-000000000200").list(), IsEmpty());
}

TEST_F(RunStoreTest, HasNoNegativeStep) {
  RunStore store = start();
  expect_error(ErrorKind::kInvalidArgument, "found -1", [&] { store.begin(-1); });
}

TEST_F(RunStoreTest, AnAbandonedCheckpointLeavesNothing) {
  RunStore store = start();
  { const PendingCheckpoint abandoned = begin(store, 200); }
  EXPECT_THAT(entries(), IsEmpty());
  save(store, 200);
  EXPECT_THAT(store.steps(), ElementsAre(200));
}

TEST_F(RunStoreTest, AnAbandonedCheckpointThatCannotBeRemovedIsNoCrash) {
  {
    RunStore store = start();
    const PendingCheckpoint abandoned = begin(store, 200);
    fs->fail(Call::kUnlink, EIO, 1, testing::FaultFileSystem::kForever);
  }
  fs->heal();
  EXPECT_EQ(entries().size(), 1u);
  EXPECT_THAT(start().steps(), IsEmpty());
  EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(RunStoreTest, AFileInPlaceOfAStepIsNamedAndNeverTouched) {
  RunStore store = start();
  make_file("step-000000000200");
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.steps(); });
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.begin(200); });
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.open(200); });
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.retire(200); });
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.quarantine(200, "why"); });
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.supersede_after(1, "id"); });
  EXPECT_THAT(entries(), ElementsAre("step-000000000200"));
  save(store, 300);
}

TEST_F(RunStoreTest, AFileThatTakesAStepsPlaceDuringTheSaveFailsTheCommit) {
  RunStore store = start();
  PendingCheckpoint pending = begin(store, 200);
  make_file("step-000000000200");
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.commit(std::move(pending)); });
  EXPECT_EQ(look(checkpoints()).open_file("step-000000000200").size(), 8u);
  EXPECT_THAT(entries(), ElementsAre("step-000000000200"));
}

TEST_F(RunStoreTest, ALinkInPlaceOfAStepIsNotFollowed) {
  RunStore store = start();
  save(store, 100);
  ASSERT_EQ(symlink("step-000000000100", (checkpoints() + "/step-000000000200").c_str()), 0);
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.steps(); });
  expect_error(ErrorKind::kExists, "step-000000000200", [&] { store.open(200); });
}

// As an old checkpoint that was moved to another disk and linked back.
TEST_F(RunStoreTest, ALinkInPlaceOfAnOlderStepIsLeftAlone) {
  RunStore store = start();
  for (const std::int64_t step : {100, 300, 400}) save(store, step);
  std::filesystem::rename(checkpoints() + "/step-000000000300", temporary / "moved");
  std::filesystem::create_directory_symlink(temporary / "moved",
                                            checkpoints() + "/step-000000000300");
  EXPECT_THAT(store.steps(), ElementsAre(100, 400));
  const std::vector<Error> in_the_way = store.in_the_way();
  ASSERT_EQ(in_the_way.size(), 1u);
  EXPECT_EQ(in_the_way[0].path(), checkpoints() + "/step-000000000300");
  save(store, 500);
  for (const auto& use :
       {+[](RunStore& its) { its.retire(300); }, +[](RunStore& its) { its.quarantine(300, "why"); },
        +[](RunStore& its) { its.begin(300); }})
    expect_error(ErrorKind::kExists, "step-000000000300", [&] { use(store); });
  EXPECT_EQ(read(look(temporary / "moved")), "step 300");
  EXPECT_THAT(store.steps(), ElementsAre(100, 400, 500));
}

// The run would go on to that step, and could not save it.
TEST_F(RunStoreTest, ALinkInPlaceOfAStepThatIsComeBackToIsInTheWay) {
  RunStore store = start();
  for (const std::int64_t step : {100, 400}) save(store, step);
  std::filesystem::create_directory_symlink(temporary.path(), checkpoints() + "/step-000000000300");
  expect_error(ErrorKind::kExists, "step-000000000300", [&] { store.supersede_after(100, "id"); });
  EXPECT_THAT(store.steps(), ElementsAre(100, 400));
  EXPECT_FALSE(look(run()).type_of("superseded"));
}

TEST_F(RunStoreTest, WhatCannotBeRemovedKeepsNothingElseFromIt) {
  RunStore store = start();
  const std::string random(32, 'a');
  for (const std::string name : {".tmp-1-17-", ".tmp-2-17-", ".tmp-3-17-"})
    make_directory(name + random);
  fs->fail(Call::kUnlink, EPERM);
  save(store, 100);
  EXPECT_THAT(entries(), ElementsAre(".tmp-1-17-" + random, "step-000000000100"));
}

TEST_F(RunStoreTest, ARunDirectoryThatIsAFileIsAnError) {
  std::ofstream(run()) << "precious";
  expect_error(ErrorKind::kExists, run(), [&] { start(); });
  std::filesystem::remove(run());
  std::filesystem::create_directory(run());
  std::ofstream(checkpoints()) << "precious";
  expect_error(ErrorKind::kExists, checkpoints(), [&] { start(); });
}

TEST_F(RunStoreTest, ARunDirectoryThatMayNotBeWrittenIsAnError) {
  fs->fail(Call::kMkdir, EACCES);
  expect_error(ErrorKind::kPermission, run(), [&] { start(); });
  fs->fail(Call::kMkdir, EROFS);
  expect_error(ErrorKind::kPermission, run(), [&] { start(); });
}

TEST_F(RunStoreTest, RemovesWhatAnEarlierProcessLeftUnfinishedAndNothingElse) {
  save_in_a_run_of_its_own(100);
  const std::string random(32, 'a');
  make_directory(".tmp-200-17-" + random + "/inner");
  make_directory(".del-50-17-" + random);
  make_directory(".tmp-mine");
  make_directory("step-200");
  make_file("notes.txt");
  EXPECT_THAT(start().steps(), ElementsAre(100));
  EXPECT_THAT(entries(), ElementsAre(".tmp-mine", "notes.txt", "step-000000000100", "step-200"));
}

TEST_F(RunStoreTest, MakesDurableAtItsStartWhatItResumesFrom) {
  save_in_a_run_of_its_own(100);
  fs->fail(Call::kFsync, EIO, 3);  // of the run's parent, the run, checkpoints/
  expect_error(ErrorKind::kIo, checkpoints() + ": cannot make the directory durable",
               [&] { start(); });
}

TEST_F(RunStoreTest, RetiresACheckpoint) {
  RunStore store = start();
  save(store, 100);
  save(store, 200);
  store.retire(100);
  EXPECT_THAT(store.steps(), ElementsAre(200));
  EXPECT_THAT(entries(), ElementsAre("step-000000000200"));
}

TEST_F(RunStoreTest, TakesTheNameAwayBeforeItRemovesAnything) {
  RunStore store = start();
  save(store, 100);
  fs->fail(Call::kUnlink, EIO);
  expect_error(ErrorKind::kIo, ".del-100-", [&] { store.retire(100); });
  EXPECT_THAT(store.steps(), IsEmpty());
}

TEST_F(RunStoreTest, RemovesNothingOfACheckpointWhoseNameIsNotDurablyGone) {
  RunStore store = start();
  save(store, 100);
  fs->fail(Call::kFsync, EIO);
  expect_error(ErrorKind::kIo, "durable", [&] { store.retire(100); });
  EXPECT_EQ(read(look(checkpoints() + "/" + entries().front())), "step 100");
}

TEST_F(RunStoreTest, AReaderIsNotDisturbedByARenameAndSeesThatAFileIsGone) {
  RunStore store = start();
  save(store, 100);
  const Directory reader = look(checkpoints() + "/step-000000000100");
  store.quarantine(100, "why");
  EXPECT_EQ(read(reader), "step 100");
  save(store, 200);
  const Directory other = look(checkpoints() + "/step-000000000200");
  store.retire(200);
  expect_error(ErrorKind::kNotFound, "manifest.json", [&] { read(other); });
}

TEST_F(RunStoreTest, QuarantinesADamagedCheckpointWithTheReason) {
  RunStore store = start();
  save(store, 100);
  EXPECT_EQ(store.quarantine(100, "block 3 differs"), run() + "/quarantine/step-000000000100");
  EXPECT_THAT(store.steps(), IsEmpty());
  const Directory quarantine = look(run() + "/quarantine");
  EXPECT_EQ(read(quarantine.open_directory("step-000000000100")), "step 100");
  const File reason = quarantine.open_file("step-000000000100.reason.txt");
  EXPECT_EQ(ByteView(reason.read_all(100)).text(), "block 3 differs\n");
}

TEST_F(RunStoreTest, QuarantinesTheSameStepAgainAndAgain) {
  RunStore store = start();
  for (const std::string suffix : {"", "-2", "-3"}) {
    save(store, 100);
    EXPECT_EQ(store.quarantine(100, "why"), run() + "/quarantine/step-000000000100" + suffix);
  }
  EXPECT_EQ(look(run() + "/quarantine").list().size(), 6u);
}

TEST_F(RunStoreTest, LeavesTheCheckpointWhereItWasIfItCannotBeQuarantined) {
  RunStore store = start();
  save(store, 100);
  fs->fail(Call::kRename, EIO, 2);  // the first puts the reason in its place
  expect_error(ErrorKind::kIo, "cannot rename", [&] { store.quarantine(100, "why"); });
  EXPECT_THAT(store.steps(), ElementsAre(100));
  EXPECT_THAT(look(run() + "/quarantine").list(), IsEmpty());
}

TEST_F(RunStoreTest, MovesWhatIsNewerAside) {
  RunStore store = start();
  for (const std::int64_t step : {100, 200, 300}) save(store, step);
  EXPECT_EQ(store.supersede_after(100, "id"), (Steps{200, 300}));
  EXPECT_THAT(store.steps(), ElementsAre(100));
  EXPECT_THAT(look(run() + "/superseded/id").list(),
              ElementsAre("step-000000000200", "step-000000000300"));
  save(store, 200);
}

TEST_F(RunStoreTest, MovesNothingAsideWhereNothingIsNewer) {
  RunStore store = start();
  save(store, 100);
  EXPECT_THAT(store.supersede_after(100, "id"), IsEmpty());
  EXPECT_THAT(store.root().list(), ElementsAre("LOCK", "checkpoints"));
}

TEST_F(RunStoreTest, MovesTheNewestAsideFirst) {
  RunStore store = start();
  for (const std::int64_t step : {100, 200, 300}) save(store, step);
  fs->fail(Call::kRename, EIO, 2);
  expect_error(ErrorKind::kIo, "", [&] { store.supersede_after(100, "id"); });
  EXPECT_THAT(store.steps(), ElementsAre(100, 200));
}

TEST_F(RunStoreTest, MovesAsideOnlyToOneDirectoryBelowSuperseded) {
  RunStore store = start();
  save(store, 100);
  for (const std::string id : {"", "..", "a/b"}) {
    expect_error(ErrorKind::kInvalidArgument, "", [&] { store.supersede_after(0, id); });
  }
  EXPECT_THAT(store.steps(), ElementsAre(100));
}

}  // namespace
}  // namespace holdfast
