// A run that fails again and again from the same checkpoint does not do so for ever.
#include <csignal>
#include <stdexcept>
#include <string>

#include <holdfast/checkpoint/log/failure_log.h>

#include "support/child.h"
#include "support/expect_error.h"
#include "training_fixture.h"

namespace holdfast::testing {
namespace {

class Restart : public CheckpointerTest {
 protected:
  Restart() {
    options_.max_failures = 2;
    options_.threads = 1;  // forked children have no others
  }

  // Resumes, trains a step and fails.
  std::int64_t resume_and_fail() {
    std::int64_t resumed = -1;
    try {
      Training training;
      Checkpointer checkpoints(run(), recorded(options_));
      resumed = checkpoints.restore_latest(training.state)->step;
      training.train_one_step();
      throw std::runtime_error("a bad batch");
    } catch (const std::runtime_error&) {
    }
    return resumed;
  }

  std::int64_t resume() {
    Training training;
    Checkpointer checkpoints(run(), recorded(options_));
    return checkpoints.restore_latest(training.state)->step;
  }
  void expect_refused() {
    expect_error(ErrorKind::kRestartLoop, "2, the last: ", [&] { resume(); });
  }

  Options options_;
};

TEST_F(Restart, StopsAfterTooManyFailuresFromTheSameCheckpoint) {
  train_and_save({1, 2});
  EXPECT_EQ(resume_and_fail(), 2);
  EXPECT_EQ(resume_and_fail(), 2);
  expect_refused();
  expect_refused();  // nothing has changed
  EXPECT_EQ(Checkpointer(run()).steps(), (std::vector<std::int64_t>{1, 2}));
}

TEST_F(Restart, PassesOverToTheNextOlderIfItShallAndNeverPastTheOldest) {
  train_and_save({1, 2, 3});
  options_.after_failures = Options::AfterFailures::kOlder;
  for (const std::int64_t expected : {3, 3, 2, 2, 1, 1}) EXPECT_EQ(resume_and_fail(), expected);
  expect_refused();
  EXPECT_THAT(events(), ::testing::Contains("passed_over").Times(2));
  EXPECT_TRUE(std::filesystem::exists(run() + "/superseded"));  // set aside, not lost
}

TEST_F(Restart, ForgetsFailuresWhenANewerCheckpointIsCommitted) {
  train_and_save({1, 2});
  resume_and_fail();
  {
    Training training;
    Checkpointer checkpoints(run(), options_);
    checkpoints.restore_latest(training.state);
    training.train_to(3);
    checkpoints.save(3, training.state);
  }
  EXPECT_EQ(resume_and_fail(), 3);
  EXPECT_EQ(resume(), 3);
}

TEST_F(Restart, DoesNotCountAProcessThatIsKilledOrStopsByItself) {
  train_and_save({1, 2});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(run_child([&] {
                Training training;
                Checkpointer checkpoints(run(), options_);
                checkpoints.restore_latest(training.state);
                std::raise(SIGKILL);
              }),
              128 + SIGKILL);
    EXPECT_EQ(resume(), 2);
  }
}

TEST_F(Restart, CountsASignalThatTheProgramMadeItself) {
  train_and_save({1, 2});
  for (int i = 0; i < 2; ++i) {
    run_child([&] {
      Training training;
      Checkpointer checkpoints(run(), options_);
      checkpoints.restore_latest(training.state);
      checkpoints.note_fatal_signal(SIGSEGV);
      std::raise(SIGKILL);
    });
  }
  expect_refused();
}

TEST_F(Restart, DoesNotCountAFailedSave) {
  train_and_save({1, 2});
  for (int i = 0; i < 3; ++i) {
    Training training;
    try {
      Checkpointer checkpoints(run(), options_);
      checkpoints.restore_latest(training.state);
      training.train_to(3);
      std::filesystem::rename(run() + "/checkpoints", run() + "/away");
      checkpoints.save(3, training.state);
      checkpoints.wait();
      ADD_FAILURE() << "the save has succeeded";
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::kRestartLoop);
    }
    std::filesystem::rename(run() + "/away", run() + "/checkpoints");
  }
  EXPECT_EQ(resume(), 2);
}

// A save failed, the program went on, and a later one succeeded: what ends it then is its own.
TEST_F(Restart, CountsAFailureThatComesAfterAFailedSaveWasMadeUpFor) {
  train_and_save({1, 2});
  for (int i = 0; i < 2; ++i) {
    try {
      Training training;
      Checkpointer checkpoints(run(), options_);
      const std::int64_t begin = checkpoints.restore_latest(training.state)->step;
      std::filesystem::rename(run() + "/checkpoints", run() + "/away");
      training.train_one_step();
      checkpoints.save(training.step, training.state);
      EXPECT_THROW(checkpoints.wait(), Error);
      std::filesystem::rename(run() + "/away", run() + "/checkpoints");
      if (i == 0) {
        training.train_one_step();
        checkpoints.save(training.step, training.state);
        checkpoints.wait();
        EXPECT_GT(checkpoints.steps().back(), begin);
      }
      throw std::runtime_error("a bad batch");
    } catch (const std::runtime_error&) {
    }
  }
  EXPECT_EQ(FailureLog(Directory::open(posix_file_system(), run())).count(4), 1);
}

struct Refusing final : Stateful {
  void save(StateWriter& writer) const override { writer.integer("value", 1); }
  void load(const StateReader&) override {
    if (refuses) throw std::logic_error("cannot take this");
  }
  bool refuses = false;
};

// The checkpoint is sound to the last bit, and yet the program cannot live with it.
TEST_F(Restart, CountsACheckpointThatTheProgramCannotLoad) {
  Refusing object;
  {
    Training training;
    training.state.add("object", object);
    Checkpointer checkpoints(run(), options_);
    for (const std::int64_t step : {1, 2}) {
      training.train_to(step);
      checkpoints.save(step, training.state);
    }
  }
  object.refuses = true;
  const auto restore = [&] {
    Training training;
    training.state.add("object", object);
    Checkpointer checkpoints(run(), options_);
    checkpoints.restore_latest(training.state);
  };
  for (int i = 0; i < 2; ++i) {
    try {
      restore();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_EQ(error.path(), "user/object");
      EXPECT_THROW(std::rethrow_if_nested(error), std::logic_error);
    }
  }
  expect_error(ErrorKind::kRestartLoop, "2, the last: ", restore);
}

TEST_F(Restart, DoesNotCountACheckpointOfAnotherModel) {
  train_and_save({1, 2});
  for (int i = 0; i < 3; ++i) {
    Training other(5);
    expect_error(ErrorKind::kMismatch, "net", [&] {
      Checkpointer checkpoints(run(), options_);
      checkpoints.restore_latest(other.state);
    });
  }
  EXPECT_EQ(resume(), 2);
}

TEST_F(Restart, DoesNotCountACheckpointOfAnotherModelThatTheUserNames) {
  train_and_save({1, 2});
  for (int i = 0; i < 3; ++i) {
    Training other(5);
    expect_error(ErrorKind::kMismatch, "net", [&] {
      Checkpointer checkpoints(run(), options_);
      checkpoints.restore(path_of(2), other.state);
    });
  }
  EXPECT_EQ(resume(), 2);
}

TEST_F(Restart, CountsAFailureThatTheProgramRecoversFrom) {
  train_and_save({1, 2});
  Training training;
  Checkpointer checkpoints(run(), options_);
  checkpoints.restore_latest(training.state);
  for (int i = 0; i < 2; ++i) {
    training.train_one_step();
    checkpoints.count_failure("the loss is nan");
    if (i == 0) checkpoints.restore_latest(training.state);
  }
  expect_error(ErrorKind::kRestartLoop, "the loss is nan",
               [&] { checkpoints.restore_latest(training.state); });
}

TEST_F(Restart, TakesACheckpointThatTheUserNamesAndStartsToCountAnew) {
  train_and_save({1, 2});
  resume_and_fail();
  resume_and_fail();
  {
    Training training;
    Checkpointer checkpoints(run(), options_);
    EXPECT_EQ(checkpoints.restore(path_of(2), training.state).step, 2);
  }
  EXPECT_EQ(resume(), 2);
}

TEST_F(Restart, IsTriedForEverIfNoLimitIsSet) {
  train_and_save({1, 2});
  options_.max_failures = 0;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(resume_and_fail(), 2);
}

TEST_F(Restart, TakesTheNextOlderWhereTheProgramRefusesWhatWasPutBack) {
  train_and_save({1, 2, 3});
  options_.accepts = [](const Resumed& found) { return found.step < 2; };
  EXPECT_EQ(resume(), 1);
  EXPECT_THAT(events(), ::testing::Contains("refused").Times(2));
  EXPECT_EQ(Checkpointer(run()).steps(), (std::vector<std::int64_t>{1}));
  EXPECT_TRUE(std::filesystem::exists(run() + "/superseded"));  // set aside, not lost
}

TEST_F(Restart, SetsNothingAsideWhereTheProgramRefusesThemAll) {
  train_and_save({1, 2});
  options_.accepts = [](const Resumed&) { return false; };
  for (int i = 0; i < 2; ++i)
    expect_error(ErrorKind::kDiverged, "step 2 was refused", [&] { resume(); });
  options_.accepts = nullptr;
  EXPECT_EQ(resume(), 2);
}

TEST_F(Restart, KeepsTheCheckpointThatItFailsFromWhereNoOlderOneIsSound) {
  train_and_save({1, 2});
  damage(1);
  options_.after_failures = Options::AfterFailures::kOlder;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(resume_and_fail(), 2);
  expect_error(ErrorKind::kRestartLoop, "none that is sound", [&] { resume(); });
  options_.max_failures = 0;
  EXPECT_EQ(resume(), 2);
}

// Each time it makes the checkpoint anew that it fails from.
TEST_F(Restart, DoesNotPassOverForEver) {
  train_and_save({1, 2});
  options_.after_failures = Options::AfterFailures::kOlder;
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(resume_and_fail(), 2);
    EXPECT_EQ(resume_and_fail(), 2);
    Training training;
    Checkpointer checkpoints(run(), options_);
    EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 1);
    training.train_to(2);
    checkpoints.save(2, training.state);
    checkpoints.wait();
  }
  EXPECT_EQ(resume_and_fail(), 2);
  EXPECT_EQ(resume_and_fail(), 2);
  expect_refused();
}

}  // namespace
}  // namespace holdfast::testing
