// The commit protocol: its order, and what is left wherever it stops.
#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/base/random_id.h>

#include <algorithm>
#include <filesystem>

#include "run/run_fixture.h"

namespace holdfast {
namespace {

using ::testing::AnyOf;
using testing::Call;
using ::testing::ElementsAre;
using testing::expect_error;
using testing::Steps;

class CommitTest : public testing::StoreTest {
 protected:
  // Without the part of a name that differs from run to run.
  static std::string shortened(std::string call) {
    const std::string pid = "-" + std::to_string(process_id()) + "-";
    const std::size_t at = call.find(pid);
    return at == std::string::npos ? call : call.erase(at, pid.size() + random_id().size());
  }

  // What commit() asks of the file system, its names shortened.
  std::vector<std::string> calls_of_commit(RunStore& store, std::int64_t step) {
    PendingCheckpoint pending = begin(store, step);
    const std::size_t before = fs->log().size();
    store.commit(std::move(pending));
    std::vector<std::string> log = fs->log();
    log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(before));
    std::transform(log.begin(), log.end(), log.begin(), shortened);
    return log;
  }

  // The run as the next process finds it. Every checkpoint that it lists must be whole.
  Steps steps_after_restart() {
    const RunStore store(posix_file_system(), run());
    const Steps steps = store.steps();
    for (const std::int64_t step : steps) EXPECT_EQ(read(store.open(step)), content_of(step));
    EXPECT_EQ(entries().size(), steps.size());
    return steps;
  }

  // Runs `action` on a store with checkpoint 100 in a process that dies at its first call, then in
  // one that dies at its second, and so on to one that lives; `check` sees what each leaves.
  template <typename Action, typename Check>
  void die_at_each_call_of(Action action, Check check) {
    bool finished = false;
    for (int kth = 1; !finished; ++kth) {
      save_in_a_run_of_its_own(100);
      {
        RunStore store = start();
        fs->die_at(kth);
        finished = succeeds([&] { action(store); });
      }
      fs->heal();
      check(finished, kth);
      std::filesystem::remove_all(run());
      ASSERT_TRUE(!finished || kth > 4) << "hardly a call was made";
    }
  }

 private:
  template <typename Action>
  static bool succeeds(Action action) {
    try {
      action();
      return true;
    } catch (const Error&) {
      return false;
    }
  }
};

TEST_F(CommitTest, SyncsTheDirectoryThenRenamesThenSyncsTheParent) {
  RunStore store = start();
  const auto calls = calls_of_commit(store, 200);
  ASSERT_GE(calls.size(), 3u);
  EXPECT_THAT(std::vector<std::string>(calls.begin(), calls.begin() + 3),
              ElementsAre("fsync", "rename .tmp-200 step-000000000200", "fsync"));
}

TEST_F(CommitTest, RenamesNothingThatIsNotDurable) {
  RunStore store = start();
  PendingCheckpoint pending = begin(store, 200);
  fs->fail(Call::kFsync, EIO);
  const int renames = fs->calls(Call::kRename);
  expect_error(ErrorKind::kIo, "durable", [&] { store.commit(std::move(pending)); });
  EXPECT_EQ(fs->calls(Call::kRename), renames);
  EXPECT_THAT(entries(), ElementsAre());
}

TEST_F(CommitTest, IsTakenBackIfItCannotBeMadeDurable) {
  RunStore store = start();
  save(store, 100);
  PendingCheckpoint pending = begin(store, 200);
  fs->fail(Call::kFsync, EIO, 2);
  expect_error(ErrorKind::kIo, checkpoints(), [&] { store.commit(std::move(pending)); });
  EXPECT_THAT(entries(), ElementsAre("step-000000000100"));
  save(store, 200);
  EXPECT_THAT(store.steps(), ElementsAre(100, 200));
}

TEST_F(CommitTest, LeavesAWholeCheckpointIfItCannotEvenBeTakenBack) {
  {
    RunStore store = start();
    PendingCheckpoint pending = begin(store, 200);
    fs->fail(Call::kFsync, EIO, 2);
    fs->fail(Call::kRename, EIO, 2);
    expect_error(ErrorKind::kIo, "durable", [&] { store.commit(std::move(pending)); });
  }
  EXPECT_EQ(steps_after_restart(), (Steps{200}));
}

TEST_F(CommitTest, WorksWhereRenamesCannotPromiseNotToReplace) {
  for (const int errnum : {EINVAL, ENOSYS}) {
    RunStore store = start();
    fs->fail(Call::kRename, errnum);
    save(store, errnum);
    EXPECT_EQ(read(store.open(errnum)), content_of(errnum));
  }
}

TEST_F(CommitTest, IsTheOldOrTheNewCheckpointWhereverTheProcessDies) {
  die_at_each_call_of([](RunStore& store) { save(store, 200); },
                      [&](bool finished, int kth) {
                        const Steps steps = steps_after_restart();
                        if (finished) {
                          EXPECT_EQ(steps, (Steps{100, 200}));
                        } else {
                          EXPECT_THAT(steps, AnyOf(Steps{100}, Steps{100, 200})) << "call " << kth;
                        }
                      });
}

TEST_F(CommitTest, RetiringLeavesNoHalfWhereverTheProcessDies) {
  die_at_each_call_of([](RunStore& store) { store.retire(100); },
                      [&](bool finished, int kth) {
                        const Steps steps = steps_after_restart();
                        if (finished) {
                          EXPECT_EQ(steps, Steps{});
                        } else {
                          EXPECT_THAT(steps, AnyOf(Steps{}, Steps{100})) << "call " << kth;
                        }
                      });
}

TEST_F(CommitTest, QuarantineLosesNothingWhereverTheProcessDies) {
  die_at_each_call_of([](RunStore& store) { store.quarantine(100, "why"); },
                      [&](bool, int kth) {
                        const bool in_place = steps_after_restart() == Steps{100};
                        const std::string moved = run() + "/quarantine/step-000000000100";
                        EXPECT_NE(in_place, std::filesystem::exists(moved)) << "call " << kth;
                        const bool explained = std::filesystem::exists(moved + ".reason.txt");
                        EXPECT_TRUE(in_place || explained) << "call " << kth;
                      });
}

TEST_F(CommitTest, ANearlyFullDiskFailsTheSaveAndKeepsTheOlderCheckpoint) {
  RunStore store = start();
  save(store, 100);
  fs->fail(Call::kWrite, ENOSPC);
  expect_error(ErrorKind::kNoSpace, "manifest.json", [&] { save(store, 200); });
  EXPECT_THAT(entries(), ElementsAre("step-000000000100"));
}

}  // namespace
}  // namespace holdfast
