#include <holdfast/checkpoint/checkpointer.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/reader.h>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using testing::CheckpointerTest;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::Not;
using testing::Training;

TEST_F(CheckpointerTest, ANewRunHasNothingToRestore) {
  Training training;
  Checkpointer checkpoints(run());
  EXPECT_FALSE(checkpoints.restore_latest(training.state).has_value());
  EXPECT_THAT(checkpoints.steps(), ElementsAre());
}

TEST_F(CheckpointerTest, GoesOnAsIfItHadNeverStopped) {
  Training uninterrupted;
  uninterrupted.train_to(20);
  const torch::Tensor expected = uninterrupted.weight();

  torch::manual_seed(1);
  {
    Training first;
    first.train_to(8);
    Checkpointer checkpoints(run());
    checkpoints.save(8, first.state);
    checkpoints.wait();
    first.train_to(11);  // lost
  }
  torch::manual_seed(99);
  Training second;
  Checkpointer checkpoints(run());
  const auto resumed = checkpoints.restore_latest(second.state);
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->step, 8);
  EXPECT_EQ(second.step, 8);
  second.train_to(20);
  EXPECT_TRUE(torch::equal(second.weight(), expected));
}

TEST_F(CheckpointerTest, IsDueByStepsAndNotTwiceAtTheSame) {
  Options options;
  options.every_steps = 5;
  Training training;
  Checkpointer checkpoints(run(), options);
  EXPECT_FALSE(checkpoints.due(4));
  EXPECT_TRUE(checkpoints.due(5));
  checkpoints.save(5, training.state);
  EXPECT_FALSE(checkpoints.due(5));
}

// Steps of any size, from the beginning and from where a run is resumed.
TEST_F(CheckpointerTest, IsDueWhenAMultipleWasReachedOrPassed) {
  Options options;
  options.every_steps = 10;
  options.retention.keep_last = 0;
  Training training;
  const auto due_in = [&](std::int64_t from, std::int64_t to) {
    Checkpointer checkpoints(run(), options);
    checkpoints.restore_latest(training.state);
    std::vector<std::int64_t> due;
    for (std::int64_t step = from; step <= to; step += 3) {
      if (!checkpoints.due(step)) continue;
      due.push_back(step);
      checkpoints.save(step, training.state);
    }
    if (due.empty() || due.back() != to) checkpoints.save(to, training.state);  // as on a stop
    return due;
  };
  EXPECT_THAT(due_in(3, 45), ElementsAre(12, 21, 30, 42));
  EXPECT_THAT(due_in(48, 75), ElementsAre(51, 60, 72));
}

TEST_F(CheckpointerTest, StaysDueUntilItIsSaved) {
  Options options;
  options.every_steps = 10;
  Training training;
  Checkpointer checkpoints(run(), options);
  EXPECT_TRUE(checkpoints.due(0));
  EXPECT_FALSE(checkpoints.due(9));
  EXPECT_TRUE(checkpoints.due(11));
  EXPECT_TRUE(checkpoints.due(12));
  checkpoints.save(12, training.state);
  EXPECT_FALSE(checkpoints.due(19));
  EXPECT_TRUE(checkpoints.due(45));
  EXPECT_TRUE(checkpoints.due(std::numeric_limits<std::int64_t>::max()));
}

TEST_F(CheckpointerTest, RefusesAStepBelowZeroWhateverItIs) {
  Training training;
  Checkpointer checkpoints(run());
  for (const std::int64_t step :
       {std::int64_t{-1}, std::int64_t{-2}, std::numeric_limits<std::int64_t>::min()}) {
    expect_error(ErrorKind::kInvalidArgument, "expected 0 or more, found " + std::to_string(step),
                 [&] { checkpoints.save(step, training.state); });
    expect_error(ErrorKind::kInvalidArgument, "expected 0 or more", [&] { checkpoints.due(step); });
    expect_error(ErrorKind::kInvalidArgument, "expected 0 or more",
                 [&] { checkpoints.completed(step); });
  }
  EXPECT_TRUE(checkpoints.save(0, training.state));
  checkpoints.wait();
  EXPECT_TRUE(checkpoints.save(std::numeric_limits<std::int64_t>::max(), training.state));
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(0, std::numeric_limits<std::int64_t>::max()));
}

TEST_F(CheckpointerTest, IsDueByTime) {
  Options options;
  options.every = std::chrono::hours(1);
  EXPECT_FALSE(Checkpointer(run(), options).due(1000));
  options.every = std::chrono::nanoseconds(1);
  EXPECT_TRUE(Checkpointer(run(), options).due(1));
}

TEST_F(CheckpointerTest, KeepsTheNewestOnes) {
  Options options;
  options.retention.keep_last = 2;
  train_and_save({1, 2, 3, 4}, options);
  EXPECT_THAT(Checkpointer(run()).steps(), ElementsAre(3, 4));
}

TEST_F(CheckpointerTest, KeepsTheBestAcrossProcesses) {
  Options options;
  options.retention = {1, 1, "accuracy", true};
  Training training;
  {
    Checkpointer checkpoints(run(), options);
    checkpoints.save(1, training.state, {{"accuracy", 0.9}});
    checkpoints.save(2, training.state, {{"accuracy", 0.5}});
  }
  Checkpointer checkpoints(run(), options);
  checkpoints.restore_latest(training.state);
  checkpoints.save(3, training.state, {{"accuracy", 0.6}});
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1, 3));
}

TEST_F(CheckpointerTest, AMetricThatIsNotFiniteIsNotTheBest) {
  Options options;
  options.retention = {1, 1, "accuracy", true};
  Training training;
  Checkpointer checkpoints(run(), options);
  checkpoints.save(1, training.state, {{"accuracy", std::numeric_limits<double>::infinity()}});
  checkpoints.save(2, training.state, {{"accuracy", 0.5}});
  checkpoints.save(3, training.state, {{"accuracy", 0.4}});
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(2, 3));
  EXPECT_EQ(Reader(run() + "@best").info().step, 2);
}

// On the background thread, when the checkpoint is durable.
TEST_F(CheckpointerTest, WhatOnEventThrowsFailsNoSaveAndIsThrownOnce) {
  Options options;
  options.on_event = [](const Event& event) {
    if (event.name == "save") throw std::runtime_error("the user's own");
  };
  options.on_error = [](const Error& error) { ADD_FAILURE() << error.what(); };
  options.retention.keep_last = 1;
  Training training;
  Checkpointer checkpoints(run(), options);
  checkpoints.save(1, training.state);
  EXPECT_THROW(checkpoints.wait(), std::runtime_error);
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1));
  EXPECT_FALSE(checkpoints.save(1, training.state));
  EXPECT_TRUE(checkpoints.save(2, training.state));
  EXPECT_THROW(checkpoints.before_step(); checkpoints.wait(), std::runtime_error);
  EXPECT_EQ(checkpoints.statistics().saves, 2);
  EXPECT_EQ(checkpoints.statistics().failures, 0);
  EXPECT_EQ(checkpoints.statistics().last_step, 2);
  EXPECT_THAT(checkpoints.steps(), ElementsAre(2));  // and older ones are retired
}

TEST_F(CheckpointerTest, WhatOnEventThrowsOfARestoreIsThrownWhenItIsDone) {
  train_and_save({1});
  Options options;
  options.on_event = [](const Event& event) {
    if (event.name == "resume") throw std::runtime_error("the user's own");
  };
  Training training;
  Checkpointer checkpoints(run(), options);
  EXPECT_THROW(checkpoints.restore_latest(training.state), std::runtime_error);
  EXPECT_EQ(training.step, 1);
  EXPECT_TRUE(checkpoints.save(2, training.state));
}

TEST_F(CheckpointerTest, WhatOnEventThrowsOfTheOpeningGivesTheRunBack) {
  Options options;
  options.on_event = [](const Event&) { throw std::runtime_error("the user's own"); };
  EXPECT_THROW(Checkpointer(run(), options), std::runtime_error);
  const Checkpointer checkpoints(run());
}

TEST_F(CheckpointerTest, SavingACommittedStepSucceedsWithoutWriting) {
  Training training;
  Checkpointer checkpoints(run());
  EXPECT_TRUE(checkpoints.save(3, training.state));
  EXPECT_FALSE(checkpoints.save(3, training.state));
  checkpoints.wait();
  EXPECT_FALSE(checkpoints.save(3, training.state));
  EXPECT_EQ(checkpoints.statistics().saves, 1);
}

TEST_F(CheckpointerTest, RefusesASaveOfAnOlderStep) {
  Training training;
  Checkpointer checkpoints(run());
  checkpoints.save(3, training.state);
  expect_error(ErrorKind::kInvalidArgument, "a step after 3",
               [&] { checkpoints.save(2, training.state); });
}

TEST_F(CheckpointerTest, RefusesToSaveIntoARunThatWasNotRestored) {
  train_and_save({5});
  Training training;
  Checkpointer checkpoints(run());
  expect_error(ErrorKind::kInvalidArgument, "not restored",
               [&] { checkpoints.save(6, training.state); });
}

TEST_F(CheckpointerTest, LetsOneProcessWriteAtATime) {
  Checkpointer checkpoints(run());
  expect_error(ErrorKind::kLocked, std::to_string(getpid()), [&] { Checkpointer(run(), {}); });
}

TEST_F(CheckpointerTest, TakesTheNextOlderWhenTheNewestIsDamaged) {
  train_and_save({1, 2, 3});
  damage(3);
  Training training;
  Checkpointer checkpoints(run(), recorded());
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 2);
  EXPECT_EQ(training.step, 2);
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1, 2));
  EXPECT_THAT(events(), Contains("quarantine"));
  EXPECT_TRUE(checkpoints.save(3, training.state));
}

TEST_F(CheckpointerTest, DoesNotStartFromZeroWhenEverythingIsDamaged) {
  train_and_save({1, 2});
  damage(1);
  damage(2, "manifest.json");
  Training training;
  for (int attempt = 0; attempt < 2; ++attempt) {
    Checkpointer checkpoints(run());
    expect_error(ErrorKind::kCorrupt, "none of them is sound",
                 [&] { checkpoints.restore_latest(training.state); });
  }
}

TEST_F(CheckpointerTest, QuarantinesNothingForAnotherModel) {
  train_and_save({1, 2});
  Training other(5);
  Checkpointer checkpoints(run());
  expect_error(ErrorKind::kMismatch, "models/net/parameters/weight",
               [&] { checkpoints.restore_latest(other.state); });
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1, 2));
}

TEST_F(CheckpointerTest, QuarantinesNothingForAFailingDisk) {
  train_and_save({1, 2});
  const auto faults = std::make_shared<testing::FaultFileSystem>();
  Options options;
  options.file_system = faults;
  Training training;
  Checkpointer checkpoints(run(), options);
  faults->fail(testing::Call::kRead, EIO, 1, testing::FaultFileSystem::kForever);
  expect_error(ErrorKind::kIo, "", [&] { checkpoints.restore_latest(training.state); });
  faults->heal();
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 2);
}

TEST_F(CheckpointerTest, RebuildsADamagedIndex) {
  train_and_save({1});
  const auto size = std::filesystem::file_size(path_of(1) + "/index.h5");
  damage(1, "index.h5");
  Training training;
  Checkpointer checkpoints(run(), recorded());
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 1);
  EXPECT_EQ(std::filesystem::file_size(path_of(1) + "/index.h5"), size);
  EXPECT_THAT(events(), Contains("index_rebuilt"));
}

TEST_F(CheckpointerTest, GoesBackToANamedCheckpointAndSetsTheNewerAside) {
  train_and_save({1, 2, 3});
  Training training;
  Checkpointer checkpoints(run());
  EXPECT_EQ(checkpoints.restore(path_of(1), training.state).step, 1);
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1));
  EXPECT_TRUE(std::filesystem::exists(run() + "/superseded"));
  EXPECT_TRUE(checkpoints.save(2, training.state));
}

TEST_F(CheckpointerTest, ANamedCheckpointNeverFallsBack) {
  train_and_save({1, 2, 3});
  damage(2);
  Training training;
  Checkpointer checkpoints(run());
  expect_error(ErrorKind::kCorrupt, "", [&] { checkpoints.restore(path_of(2), training.state); });
  expect_error(ErrorKind::kNotFound, "nowhere",
               [&] { checkpoints.restore(run() + "/nowhere", training.state); });
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1, 2, 3));
}

TEST_F(CheckpointerTest, StartsARunFromAnothersCheckpointWhileItHasNone) {
  train_and_save({1, 2});
  Training training;
  {
    Checkpointer fork(run() + "-fork");
    EXPECT_EQ(fork.restore(path_of(2), training.state).step, 2);
    training.train_to(3);
    fork.save(3, training.state);
  }
  Checkpointer fork(run() + "-fork");
  expect_error(ErrorKind::kExists, "checkpoints of its own",
               [&] { fork.restore(path_of(2), training.state); });
}

TEST_F(CheckpointerTest, AsksBeforeItChangesAnything) {
  train_and_save({7});
  Training training;
  const torch::Tensor before = training.weight();
  Options options;
  options.before_restore = [](const CheckpointInfo& found) {
    throw Error(ErrorKind::kMismatch, "refused at step " + std::to_string(found.step));
  };
  Checkpointer checkpoints(run(), options);
  expect_error(ErrorKind::kMismatch, "refused at step 7",
               [&] { checkpoints.restore_latest(training.state); });
  EXPECT_TRUE(torch::equal(training.weight(), before));
}

TEST_F(CheckpointerTest, HandsBackConfigurationAndMetrics) {
  Options options;
  options.configuration = {{"lr", "0.01"}};
  Training training;
  {
    Checkpointer checkpoints(run(), options);
    checkpoints.save(1, training.state, {{"loss", 0.25}});
  }
  Checkpointer checkpoints(run());
  const auto resumed = checkpoints.restore_latest(training.state);
  EXPECT_EQ(resumed->configuration.at("lr"), "0.01");
  EXPECT_EQ(resumed->metrics.at("loss"), 0.25);
  EXPECT_FALSE(resumed->environment.at("torch").empty());
  EXPECT_EQ(resumed->run_id, checkpoints.run_id());
}

class FailingSaves : public CheckpointerTest {
 protected:
  FailingSaves() : faults_(std::make_shared<testing::FaultFileSystem>()) {
    options_.file_system = faults_;
  }
  void fill_the_disk() {
    faults_->fail(testing::Call::kWrite, ENOSPC, 1, testing::FaultFileSystem::kForever);
  }

  std::shared_ptr<testing::FaultFileSystem> faults_;
  Options options_;
  Training training_;
};

TEST_F(FailingSaves, SurfaceAtWaitWithTheirCause) {
  Checkpointer checkpoints(run(), options_);
  fill_the_disk();
  checkpoints.save(1, training_.state);
  expect_error(ErrorKind::kNoSpace, "No space left", [&] { checkpoints.wait(); });
  checkpoints.wait();  // told once
  EXPECT_EQ(checkpoints.statistics().failures, 1);
}

TEST_F(FailingSaves, SurfaceAtTheNextSaveAndTheOneAfterSucceeds) {
  Checkpointer checkpoints(run(), options_);
  fill_the_disk();
  checkpoints.save(1, training_.state);
  expect_error(ErrorKind::kNoSpace, "", [&] {
    checkpoints.save(2, training_.state);
    checkpoints.wait();
  });
  faults_->heal();
  EXPECT_TRUE(checkpoints.save(2, training_.state));
  checkpoints.wait();
  EXPECT_THAT(checkpoints.steps(), ElementsAre(2));
}

TEST_F(FailingSaves, GoToOnErrorInsteadWhenThereIsOne) {
  std::vector<ErrorKind> told;
  options_.on_error = [&](const Error& error) { told.push_back(error.kind()); };
  Checkpointer checkpoints(run(), options_);
  fill_the_disk();
  checkpoints.save(1, training_.state);
  checkpoints.wait();
  EXPECT_THAT(told, ElementsAre(ErrorKind::kNoSpace));
  faults_->heal();
  EXPECT_TRUE(checkpoints.save(1, training_.state));  // the same step, again
}

TEST_F(FailingSaves, AreToldEvenByTheDestructor) {
  std::vector<ErrorKind> told;
  options_.on_error = [&](const Error& error) { told.push_back(error.kind()); };
  {
    Checkpointer checkpoints(run(), options_);
    fill_the_disk();
    checkpoints.save(1, training_.state);
  }
  EXPECT_THAT(told, ElementsAre(ErrorKind::kNoSpace));
}

TEST_F(FailingSaves, ThrowAtOnceWithoutAsynchrony) {
  options_.asynchronous = false;
  Checkpointer checkpoints(run(), options_);
  fill_the_disk();
  expect_error(ErrorKind::kNoSpace, "", [&] { checkpoints.save(1, training_.state); });
}

TEST_F(FailingSaves, LeaveOlderCheckpointsAndNothingElse) {
  Checkpointer checkpoints(run(), options_);
  checkpoints.save(1, training_.state);
  checkpoints.wait();
  fill_the_disk();
  checkpoints.save(2, training_.state);
  EXPECT_THROW(checkpoints.wait(), Error);
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1));
  const std::filesystem::directory_iterator left(run() + "/checkpoints");
  EXPECT_EQ(std::distance(left, std::filesystem::directory_iterator()), 1);
}

TEST_F(FailingSaves, OfAStateThatCannotBeStoredNameTheTensor) {
  State state;
  struct Sparse : Stateful {
    void save(StateWriter& writer) const override {
      writer.tensor("embedding", torch::eye(3).to_sparse());
    }
    void load(const StateReader&) override {}
  } sparse;
  state.add("mine", sparse);
  Checkpointer checkpoints(run(), options_);
  expect_error(ErrorKind::kUnsupported, "user/mine/embedding", [&] { checkpoints.save(1, state); });
  EXPECT_TRUE(checkpoints.save(1, training_.state));
}

TEST_F(CheckpointerTest, WithOverlapALoopSavesEachStepAsItWas) {
  Options options;
  options.overlap = true;
  Training training;
  Checkpointer checkpoints(run(), options);
  for (int save = 1; save <= 20; ++save) {
    checkpoints.before_step();
    training.train_one_step();
    checkpoints.save(training.step, training.state);
  }
  checkpoints.wait();
  const torch::Tensor last = training.weight();
  Training restored;
  EXPECT_EQ(checkpoints.restore_latest(restored.state)->step, 20);
  EXPECT_TRUE(torch::equal(restored.weight(), last));
}

TEST_F(CheckpointerTest, CutsItsJournalsBackToTheCheckpoint) {
  {
    Training training;
    Checkpointer checkpoints(run());
    checkpoints.restore_latest(training.state);
    checkpoints.journal("metrics.csv").append("one\n");
    checkpoints.save(1, training.state);
    checkpoints.journal("metrics.csv").append("two, lost\n");
  }
  Training training;
  Checkpointer checkpoints(run());
  checkpoints.restore_latest(training.state);
  checkpoints.journal("metrics.csv").append("two\n");
  checkpoints.save(2, training.state);
  checkpoints.wait();
  std::ifstream file(run() + "/metrics.csv");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "one\ntwo\n");
}

TEST_F(CheckpointerTest, EmptiesTheJournalOfARunThatDiedBeforeItsFirstCheckpoint) {
  Training training;
  {
    Checkpointer checkpoints(run());
    checkpoints.restore_latest(training.state);
    checkpoints.journal("metrics.csv").append("lost\n");
  }
  Checkpointer checkpoints(run());
  checkpoints.restore_latest(training.state);
  checkpoints.journal("metrics.csv");
  EXPECT_EQ(std::filesystem::file_size(run() + "/metrics.csv"), 0u);
}

TEST_F(CheckpointerTest, SaysSoWhenAJournalWasAltered) {
  {
    Training training;
    Checkpointer checkpoints(run());
    checkpoints.journal("metrics.csv").append("one\n");
    checkpoints.save(1, training.state);
  }
  std::ofstream(run() + "/metrics.csv") << "ten\n";
  Training training;
  Checkpointer checkpoints(run(), recorded());
  checkpoints.journal("metrics.csv");
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 1);
  EXPECT_THAT(events(), Contains("journal_altered"));
}

TEST_F(CheckpointerTest, KeepsTheMarkOfAJournalThatNobodyOpenedInBetween) {
  Training training;
  {
    Checkpointer checkpoints(run());
    checkpoints.journal("metrics.csv").append("one\n");
    checkpoints.save(1, training.state);
  }
  {
    Checkpointer checkpoints(run());
    checkpoints.restore_latest(training.state);
    checkpoints.save(2, training.state);
  }
  Checkpointer checkpoints(run());
  checkpoints.restore_latest(training.state);
  checkpoints.journal("metrics.csv");
  EXPECT_EQ(std::filesystem::file_size(run() + "/metrics.csv"), 4u);
}

TEST_F(CheckpointerTest, SaysThatTheStateIsUnspecifiedWhenTheFallbackDoesNotFit) {
  {
    Training other(5);
    Checkpointer checkpoints(run());
    checkpoints.save(1, other.state);
  }
  std::filesystem::rename(run(), run() + "-other");
  train_and_save({2});
  std::filesystem::rename(run() + "-other/checkpoints/" + format::step_directory_name(1),
                          path_of(1));
  damage(2);
  Training training;
  Checkpointer checkpoints(run());
  expect_error(ErrorKind::kMismatch, "unspecified",
               [&] { checkpoints.restore_latest(training.state); });
}

TEST_F(CheckpointerTest, RefusesACopyUnderAnotherStepsName) {
  train_and_save({1});
  std::filesystem::copy(path_of(1), path_of(6), std::filesystem::copy_options::recursive);
  Training training;
  Checkpointer checkpoints(run());
  expect_error(ErrorKind::kMismatch, "expected step 6, found step 1",
               [&] { checkpoints.restore_latest(training.state); });
  EXPECT_THAT(checkpoints.steps(), ElementsAre(1, 6));
}

TEST_F(CheckpointerTest, RestoresInSpiteOfAnIndexThatCannotBeMended) {
  train_and_save({1});
  std::filesystem::remove(path_of(1) + "/index.h5");
  std::filesystem::create_directory(path_of(1) + "/index.h5");
  Training training;
  Checkpointer checkpoints(run(), recorded());
  EXPECT_EQ(checkpoints.restore_latest(training.state)->step, 1);
  EXPECT_THAT(events(), Contains("index_damaged"));
}

TEST_F(CheckpointerTest, RefusesOptionsOutOfRange) {
  const auto refuses = [&](auto change) {
    Options options;
    change(options);
    expect_error(ErrorKind::kInvalidArgument, "out of range",
                 [&] { Checkpointer(run(), options); });
  };
  refuses([](Options& options) { options.shards = 0; });
  refuses([](Options& options) { options.threads = 0; });
  refuses([](Options& options) { options.every_steps = -1; });
  refuses([](Options& options) { options.retention.keep_last = -1; });
  refuses([](Options& options) { options.retention.keep_best = 2; });
}

}  // namespace
}  // namespace holdfast
