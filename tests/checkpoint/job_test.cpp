// A command that resumes from a checkpoint by name goes back to it once in a job, however often the
// job starts it again.
#include <cstdlib>
#include <string>

#include <holdfast/checkpoint/protocol/job.h>

#include "training_fixture.h"

namespace holdfast::testing {
namespace {

class Job : public CheckpointerTest {
 protected:
  Job() { begin_job("job 1"); }
  ~Job() override { unsetenv(kJobVariable); }
  static void begin_job(const char* name) { setenv(kJobVariable, name, 1); }

  // What one start of the command does: resumes from there, and trains two steps. Returns the step
  // it began with.
  std::int64_t start_from(const std::string& checkpoint) {
    Training training;
    Checkpointer checkpoints(to_, {});
    const Resumed resumed = checkpoints.restore(checkpoint, training.state);
    const std::int64_t begin = resumed.step;
    EXPECT_EQ(training.step, begin);
    had_gone_back_ = resumed.had_gone_back;
    training.train_to(begin + 2);
    checkpoints.save(training.step, training.state);
    checkpoints.wait();
    return begin;
  }

  std::string to_ = run();
  bool had_gone_back_ = false;
};

TEST_F(Job, GoesBackOnceAndIsToldSo) {
  train_and_save({1, 2, 3});
  EXPECT_EQ(start_from(path_of(2)), 2);
  EXPECT_FALSE(had_gone_back_);
  EXPECT_EQ(start_from(path_of(2)), 4);
  EXPECT_TRUE(had_gone_back_);
  EXPECT_EQ(start_from(path_of(2)), 6);
}

TEST_F(Job, GoesBackOnceToWhatANameStandsFor) {
  train_and_save({1, 2, 3});
  EXPECT_EQ(start_from(run() + "@2"), 2);
  EXPECT_EQ(start_from(run() + "@2"), 4);
  EXPECT_TRUE(had_gone_back_);
  EXPECT_EQ(start_from(run() + "@latest"), 6);
  EXPECT_FALSE(had_gone_back_);
}

TEST_F(Job, GoesOnThoughTheCheckpointIsRetiredMeanwhile) {
  train_and_save({1, 2, 3});
  EXPECT_EQ(start_from(path_of(2)), 2);
  std::filesystem::remove_all(path_of(2));
  EXPECT_EQ(start_from(path_of(2)), 4);
}

TEST_F(Job, ForksOnce) {
  train_and_save({1, 2, 3});
  to_ = run() + "-fork";
  EXPECT_EQ(start_from(path_of(2)), 2);
  EXPECT_EQ(start_from(path_of(2)), 4);
}

TEST_F(Job, IsAnotherWithAnotherName) {
  train_and_save({1, 2, 3});
  EXPECT_EQ(start_from(path_of(2)), 2);
  begin_job("job 2");
  EXPECT_EQ(start_from(path_of(2)), 2);
}

TEST_F(Job, IsNoneWhereThePersonAtTheKeyboardGoesBack) {
  train_and_save({1, 2, 3});
  unsetenv(kJobVariable);
  EXPECT_EQ(start_from(path_of(2)), 2);
  EXPECT_EQ(start_from(path_of(2)), 2);
  begin_job("job 1");
  EXPECT_EQ(start_from(path_of(2)), 2);
}

TEST_F(Job, GoesBackAgainIfAnotherCheckpointIsNamed) {
  train_and_save({1, 2, 3});
  EXPECT_EQ(start_from(path_of(2)), 2);
  EXPECT_EQ(start_from(path_of(1)), 1);
}

}  // namespace
}  // namespace holdfast::testing
