// Runs in which something cannot be moved: a file system that renames no directory, as an overlay
// does with what a container's image brought, and old checkpoints that were linked back.
#include <filesystem>
#include <memory>

#include "support/expect_error.h"
#include "support/immovable_file_system.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::Not;
using testing::Training;

class Immovable : public testing::CheckpointerTest {
 protected:
  Immovable() {
    Options all;
    all.retention.keep_last = 0;
    train_and_save({1, 2, 3}, all);
  }

  Options options(int keep_last = 0) {
    Options options;
    options.file_system = std::make_shared<testing::ImmovableFileSystem>();
    options.retention.keep_last = keep_last;
    return recorded(std::move(options));
  }
  std::int64_t resumed() {
    Training training;
    return Checkpointer(run(), recorded()).restore_latest(training.state)->step;
  }
  void move_away_and_link_back(std::int64_t step) {
    std::filesystem::rename(path_of(step), moved());
    std::filesystem::create_directory_symlink(moved(), path_of(step));
  }
  std::string moved() const { return run() + "-moved"; }
};

TEST_F(Immovable, FallsBackBehindADamagedCheckpointAndSavesItsStepAnew) {
  damage(3);
  {
    Training training;
    Checkpointer checkpoints(run(), options());
    EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 2);
    EXPECT_THAT(events(), Contains("quarantine"));
    training.train_to(3);
    EXPECT_TRUE(checkpoints.save(3, training.state));
    checkpoints.wait();
    EXPECT_THAT(checkpoints.steps(), ElementsAre(1, 2, 3));
  }
  EXPECT_TRUE(std::filesystem::exists(run() + "/quarantine/step-000000000003/manifest.json"));
  EXPECT_EQ(resumed(), 3);
}

TEST_F(Immovable, GoesBackToAnOlderCheckpointAndStaysThere) {
  {
    Training training;
    EXPECT_EQ(Checkpointer(run(), options()).restore(run() + "@1", training.state).step, 1);
  }
  EXPECT_EQ(resumed(), 1);
}

TEST_F(Immovable, RetiresOldCheckpoints) {
  Training training;
  Checkpointer checkpoints(run(), options(1));
  checkpoints.restore_latest(training.state);
  training.train_to(4);
  checkpoints.save(4, training.state);
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(4));
  EXPECT_THAT(events(), Not(Contains("retire_failed")));
}

TEST_F(Immovable, AnOldCheckpointThatWasLinkedBackIsLeftAlone) {
  move_away_and_link_back(1);
  Options options;
  options.retention.keep_last = 1;
  Training training;
  Checkpointer checkpoints(run(), recorded(options));
  EXPECT_THAT(events(), Contains("in_the_way"));
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 3);
  training.train_to(4);
  checkpoints.save(4, training.state);
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(4));
  EXPECT_TRUE(std::filesystem::is_symlink(path_of(1)));
  EXPECT_TRUE(std::filesystem::exists(moved() + "/manifest.json"));
}

TEST_F(Immovable, TheNewestCheckpointThatWasLinkedBackIsInTheWay) {
  move_away_and_link_back(3);
  expect_error(ErrorKind::kExists, "step-000000000003", [&] { Checkpointer(run(), recorded()); });
}

}  // namespace
}  // namespace holdfast
