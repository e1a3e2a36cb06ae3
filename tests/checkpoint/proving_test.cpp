// What a checkpointer does for the process that puts its run to the proof.
#include <sys/stat.h>

#include <cstdlib>

#include <holdfast/checkpoint/protocol/proving.h>

#include "support/files.h"
#include "training_fixture.h"

namespace holdfast::testing {
namespace {

using Steps = std::vector<std::int64_t>;

class Proving : public CheckpointerTest {
 protected:
  Proving() { options_.retention.keep_last = 1; }
  ~Proving() override {
    unsetenv(kKeepAllVariable);
    unsetenv(kHeartbeatVariable);
  }

  void listen() {
    write_file(heartbeat_, "");
    setenv(kHeartbeatVariable, heartbeat_.c_str(), 1);
  }
  std::string told() const { return read_file(heartbeat_); }

  TemporaryDirectory temporary_;
  std::string heartbeat_ = temporary_ / "heartbeat";
  Options options_;
};

TEST_F(Proving, KeepsEveryCheckpointWhateverTheRetention) {
  setenv(kKeepAllVariable, "1", 1);
  train_and_save({1, 2, 3, 4}, options_);
  EXPECT_EQ(Checkpointer(run()).steps(), (Steps{1, 2, 3, 4}));
}

TEST_F(Proving, KeepsWhatTheRetentionKeepsWithoutTheVariable) {
  train_and_save({1, 2, 3, 4}, options_);
  EXPECT_EQ(Checkpointer(run()).steps(), (Steps{4}));
}

TEST_F(Proving, TellsEachStepOnceThoughItIsCompletedAskedForAndSaved) {
  listen();
  Training training;
  Checkpointer checkpoints(run(), options_);
  for (std::int64_t step = 1; step <= 3; ++step) {
    training.train_one_step();
    checkpoints.completed(step);
    checkpoints.due(step);
    if (step == 2) checkpoints.save(step, training.state);
  }
  EXPECT_EQ(told(), "step 1\nstep 2\nstep 3\n");
}

TEST_F(Proving, TellsNothingWhenItIsOnlyAsked) {
  listen();
  const Checkpointer checkpoints(run(), options_);
  for (std::int64_t step = 1; step <= 3; ++step) checkpoints.due(step);
  EXPECT_EQ(told(), "");
}

TEST_F(Proving, TellsTheStepsOfALoopThatOnlySaves) {
  listen();
  train_and_save({10, 20});
  EXPECT_EQ(told(), "step 10\nstep 20\n");
}

TEST_F(Proving, TellsWhatItHasResumedFrom) {
  train_and_save({1, 2});
  listen();
  Training training;
  Checkpointer checkpoints(run());
  checkpoints.restore_latest(training.state);
  checkpoints.completed(2);
  checkpoints.completed(3);
  checkpoints.restore_latest(training.state);  // a roll-back
  checkpoints.completed(3);
  EXPECT_EQ(told(), "resume 2\nstep 3\nresume 2\nstep 3\n");
}

TEST_F(Proving, TellsNoResumeWhereThereIsNothingToResume) {
  listen();
  Training training;
  Checkpointer(run()).restore_latest(training.state);
  EXPECT_EQ(told(), "");
}

TEST_F(Proving, TellsARunThatBeginsWithAnothersCheckpoint) {
  train_and_save({1, 2});
  listen();
  Training training;
  Checkpointer checkpoints(run() + "-fork");
  checkpoints.restore(path_of(2), training.state);
  checkpoints.completed(3);
  EXPECT_EQ(told(), "resume 2\nstep 3\n");
}

TEST_F(Proving, ListensToTheVariableAsItWasWhenTheRunWasOpened) {
  Training training;
  Checkpointer checkpoints(run(), options_);
  listen();
  setenv(kKeepAllVariable, "1", 1);
  training.train_one_step();
  checkpoints.save(1, training.state);
  checkpoints.wait();
  training.train_one_step();
  checkpoints.save(2, training.state);
  checkpoints.wait();
  EXPECT_EQ(told(), "");
  EXPECT_EQ(checkpoints.steps(), (Steps{2}));
}

// Nobody reads; then there is nothing to write to.
TEST_F(Proving, FailsNoTrainingWhereNobodyListens) {
  ASSERT_EQ(mkfifo(heartbeat_.c_str(), 0600), 0);
  for (const std::string& path : {heartbeat_, temporary_ / "nowhere/heartbeat", std::string("/")}) {
    setenv(kHeartbeatVariable, path.c_str(), 1);
    Training training;
    Checkpointer checkpoints(run());
    checkpoints.restore_latest(training.state);
    for (std::int64_t i = 0; i < 20'000; ++i) checkpoints.completed(training.step + i);
    training.train_one_step();
    EXPECT_TRUE(checkpoints.save(training.step, training.state)) << path;
    checkpoints.wait();
  }
}

}  // namespace
}  // namespace holdfast::testing
