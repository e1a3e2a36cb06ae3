// A run that lies where directories cannot be renamed.
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/move_checkpoint.h>
#include <holdfast/checkpoint/run/run_view.h>
#include <unistd.h>

#include <filesystem>

#include "run/run_fixture.h"
#include "support/child.h"
#include "support/files.h"
#include "support/immovable_file_system.h"
#include "support/overlay.h"

namespace holdfast {
namespace {

using testing::Call;
using ::testing::ElementsAre;
using testing::expect_error;
using testing::FaultFileSystem;
using ::testing::IsEmpty;
using testing::Steps;

constexpr int kCannotMount = 77;

const std::string kShard = "shard";

class MoveCheckpointTest : public testing::StoreTest {
 protected:
  MoveCheckpointTest() {
    for (const std::int64_t step : {100, 200, 300}) save_in_a_run_of_its_own(step);
    for (const std::int64_t step : {100, 200, 300}) {
      std::filesystem::create_directory(path_of(step) + "/inner");
      testing::write_file(path_of(step) + "/inner/shard", kShard);
    }
    std::filesystem::rename(run(), temporary / "saved");
    start_over();
  }

  // A run with checkpoints of 100, 200 and 300 that an earlier process has saved.
  void start_over() {
    std::filesystem::remove_all(run());
    std::filesystem::copy(temporary / "saved", run(), std::filesystem::copy_options::recursive);
    fs = std::make_shared<FaultFileSystem>(std::make_shared<testing::ImmovableFileSystem>());
  }

  std::string path_of(std::int64_t step) const {
    return checkpoints() + "/" + format::step_directory_name(step);
  }
  static bool is_whole(const std::string& path, std::int64_t step) {
    return testing::read_file(path + "/manifest.json") == content_of(step) &&
           testing::read_file(path + "/inner/shard") == kShard;
  }

  std::string quarantined() const { return run() + "/quarantine/step-000000000300"; }
  std::string superseded() const { return run() + "/superseded/id/step-000000000300"; }
};

TEST_F(MoveCheckpointTest, QuarantinesWhatCannotBeRenamed) {
  RunStore store = start();
  EXPECT_EQ(store.quarantine(300, "block 3 differs"), quarantined());
  EXPECT_TRUE(is_whole(quarantined(), 300));
  EXPECT_EQ(testing::read_file(quarantined() + ".reason.txt"), "block 3 differs\n");
  EXPECT_THAT(store.steps(), ElementsAre(100, 200));
  save(store, 300);
  EXPECT_THAT(store.steps(), ElementsAre(100, 200, 300));
}

TEST_F(MoveCheckpointTest, CopiesAFileOfAnyLength) {
  for (const std::size_t bytes : {0, 1 << 20, (1 << 20) + 17}) {
    start_over();
    const std::string content(bytes, 'x');
    testing::write_file(path_of(300) + "/long", content);
    start().quarantine(300, "why");
    EXPECT_EQ(testing::read_file(quarantined() + "/long"), content);
  }
}

TEST_F(MoveCheckpointTest, SetsAsideWhatCannotBeRenamed) {
  RunStore store = start();
  EXPECT_EQ(store.supersede_after(100, "id"), (Steps{200, 300}));
  EXPECT_TRUE(is_whole(superseded(), 300));
  EXPECT_TRUE(is_whole(run() + "/superseded/id/step-000000000200", 200));
  EXPECT_THAT(store.steps(), ElementsAre(100));
}

TEST_F(MoveCheckpointTest, RetiresWhatCannotBeRenamed) {
  RunStore store = start();
  EXPECT_TRUE(store.retire(100));
  EXPECT_THAT(entries(), ElementsAre("step-000000000200", "step-000000000300"));
}

TEST_F(MoveCheckpointTest, WhatIsPinnedMeanwhileComesBackWhole) {
  RunStore store = start();
  const std::string name = store.withdraw(100);
  Marks(store.root()).pin(identify(look(checkpoints() + "/" + name), 100));
  EXPECT_FALSE(store.remove_withdrawn(name));
  EXPECT_TRUE(is_whole(path_of(100), 100));
}

TEST_F(MoveCheckpointTest, CopiesNoLinkAndSaysWhatToDo) {
  std::filesystem::create_symlink("/elsewhere", path_of(300) + "/shard");
  RunStore store = start();
  for (const char* words : {"a link or a device", "move ", "by hand"})
    expect_error(ErrorKind::kIo, words, [&] { store.quarantine(300, "why"); });
  EXPECT_TRUE(is_whole(path_of(300), 300));
  EXPECT_THAT(look(run() + "/quarantine").list(), IsEmpty());
}

TEST_F(MoveCheckpointTest, WithoutSpaceForTheCopyLeavesItAndSaysWhatToDo) {
  RunStore store = start();
  fs->fail(Call::kWrite, ENOSPC, 3);  // the first is the reason's
  expect_error(ErrorKind::kNoSpace, "by hand", [&] { store.quarantine(300, "why"); });
  EXPECT_TRUE(is_whole(path_of(300), 300));
  EXPECT_THAT(look(run() + "/quarantine").list(), IsEmpty());
}

// Whatever call fails, once or from then on: it is whole under one of its names.
TEST_F(MoveCheckpointTest, LosesNothingWhateverCallFails) {
  for (const int times : {1, FaultFileSystem::kForever}) {
    for (int k = 1;; ++k) {
      start_over();
      RunStore store = start();
      const int before = fs->calls();
      fs->fail_any(EIO, k, times);
      bool has_failed = false;
      try {
        store.supersede_after(200, "id");
      } catch (const Error&) {
        has_failed = true;
      }
      const int made = fs->calls() - before;
      fs->heal();
      EXPECT_TRUE(is_whole(path_of(300), 300) || is_whole(superseded(), 300)) << k;
      if (!has_failed) {
        EXPECT_TRUE(is_whole(superseded(), 300)) << k;
        EXPECT_THAT(store.steps(), ElementsAre(100, 200)) << k;
      }
      if (made < k) break;
    }
  }
}

// A call over a network can report an error though it has taken effect.
class UnlinksAndFails final : public testing::ForwardingFileSystem {
 public:
  UnlinksAndFails()
      : testing::ForwardingFileSystem(std::make_shared<testing::ImmovableFileSystem>()) {}

  int unlink(int directory, const char* name, int flags) override {
    const int result = ForwardingFileSystem::unlink(directory, name, flags);
    return std::string(name) == "manifest.json" ? -EIO : result;
  }
};

TEST_F(MoveCheckpointTest, KeepsTheCopyWhereTheManifestIsGoneThoughItsRemovalFailed) {
  RunStore store(std::make_shared<UnlinksAndFails>(), run());
  expect_error(ErrorKind::kIo, "by hand", [&] { store.supersede_after(200, "id"); });
  EXPECT_TRUE(is_whole(superseded(), 300));
}

TEST_F(MoveCheckpointTest, SaysWhatIsLeftWhereTheRestCannotBeRemoved) {
  RunStore store = start();
  fs->fail(Call::kUnlink, EIO, 2);  // the first is the manifest's
  expect_error(ErrorKind::kIo, "remove what is left of", [&] { store.supersede_after(200, "id"); });
  EXPECT_TRUE(is_whole(superseded(), 300));
}

// To the disk, the process dies there.
TEST_F(MoveCheckpointTest, LosesNothingWhereverItsProcessDies) {
  for (int k = 1;; ++k) {
    start_over();
    bool has_moved = true;
    try {
      RunStore store = start();
      fs->die_at(k);
      store.supersede_after(200, "id");
    } catch (const Error&) {
      has_moved = false;
    }
    fs->heal();
    const RunStore next = start();
    const bool is_there = is_whole(path_of(300), 300), is_aside = is_whole(superseded(), 300);
    EXPECT_TRUE(is_there || is_aside) << k;
    const RunView view(run());
    EXPECT_EQ(view.superseded().size(), is_aside ? 1u : 0u) << k;
    if (has_moved) break;
  }
}

TEST_F(MoveCheckpointTest, RemovesACopyThatWasNotFinishedAndShowsNone) {
  const std::string copy = ".tmp-300-17-" + std::string(32, 'a');
  for (const std::string place : {"/quarantine/", "/superseded/id/"}) {
    std::filesystem::create_directories(run() + place + copy + "/inner");
    std::filesystem::create_directories(run() + place + "step-000000000300");
  }
  const RunView view(run());
  EXPECT_EQ(view.quarantined().size(), 1u);
  EXPECT_EQ(view.superseded().size(), 1u);
  start();
  EXPECT_THAT(look(run() + "/quarantine").list(), ElementsAre("step-000000000300"));
  EXPECT_THAT(look(run() + "/superseded/id").list(), ElementsAre("step-000000000300"));
}

TEST_F(MoveCheckpointTest, KnowsWhatARealOverlayDoes) {
  const std::string root = temporary / "layers";
  std::filesystem::create_directories(root + "/lower");
  std::filesystem::rename(run(), root + "/lower/run");
  const int status = testing::run_child([&] {
    testing::enter_a_namespace_of_its_own();
    const auto overlay = testing::Overlay::mount_at(root);
    if (overlay == nullptr) _exit(kCannotMount);
    const std::string there = overlay->path() + "/run";
    const auto require = [](bool condition, const char* what) {
      if (!condition) throw std::runtime_error(what);
    };
    {
      const Directory all = look(there + "/checkpoints");
      try {
        all.rename("step-000000000300", all, "moved");
        throw std::runtime_error("an overlay has renamed a directory of its lower layer");
      } catch (const Error& error) {
        require(error.os_error() == EXDEV, error.what());
      }
    }
    RunStore store(posix_file_system(), there);
    require(is_whole(store.quarantine(300, "why"), 300), "it is not whole in quarantine/");
    store.supersede_after(100, "id");
    require(is_whole(there + "/superseded/id/step-000000000200", 200), "superseded/");
    save(store, 200);
    require(store.retire(100), "it was not retired");
    require(store.steps() == Steps{200}, "other checkpoints are left");
  });
  if (status == kCannotMount)
    GTEST_SKIP() << "may not mount an overlay; ImmovableFileSystem is one";
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace holdfast
