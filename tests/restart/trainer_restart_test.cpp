// A training that fails by itself: it stops, gives up, or goes back and on, as its configuration
// says, and never fails for ever.
#include <signal.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "examples/mlp_fixture.h"
#include "trainer/idx_files.h"

namespace holdfast {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;
constexpr std::uint32_t kImages = 64;
constexpr std::uint32_t kPixels = 16;

// Black images, but for one that makes every loss not a number.
class FailingTraining : public testing::MlpTest {
 protected:
  FailingTraining() {
    std::filesystem::create_directories(run_path("data"));
    write_images("train", 1);
    write_images("t10k", 0);
    config_ = run_path("config.yaml");
    std::ofstream(config_) << "run: {dir: unused}\n"
                              "seed: 3\n"
                              "data: {root: '"
                           << run_path("data")
                           << "', batch_size: 4, stddev: 1.0e-40}\n"
                              "models: {mlp: {type: mlp, layers: [16, 8, 10]}}\n"
                              "optimizers: {adam: {type: adam, models: [mlp], lr: 0.01}}\n"
                              "train:\n"
                              "  epochs: 3\n"
                              "  log_every_steps: 1\n"
                              "  objective: {type: classify, models: [mlp]}\n"
                              "checkpoint: {every_steps: 2}\n";
  }

  testing::Finished train_with(const std::string& policy, const Overrides& more = {}) const {
    Overrides overrides = {"train.on_nonfinite_loss=" + policy};
    overrides.insert(overrides.end(), more.begin(), more.end());
    return train("run", overrides);
  }

 private:
  void write_images(const std::string& split, int bad) const {
    const std::string beginning = run_path("data") + "/" + split;
    std::vector<std::uint8_t> pixels(std::size_t{kImages} * kPixels);
    if (bad > 0) pixels[100] = 255;
    std::vector<std::uint8_t> labels(kImages);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 4);
    testing::write_file(beginning + "-images-idx3-ubyte",
                        testing::idx_file({kImages, 4, 4}, pixels));
    testing::write_file(beginning + "-labels-idx1-ubyte", testing::idx_file({kImages}, labels));
  }
};

TEST_F(FailingTraining, StopsAtALossThatIsNotFiniteAndSavesNothingOfIt) {
  const testing::Finished finished = train_with("stop");
  expect_refused(finished, kFailed, {"the loss of step", "is nan", "roll_back"});
  ASSERT_FALSE(steps("run").empty()) << "the bad image came before the first checkpoint";
  for (const std::int64_t step : steps("run")) EXPECT_LT(step, logged_steps("run") + 2);
}

TEST_F(FailingTraining, IsRefusedAfterItFailedTooOftenFromTheSameCheckpoint) {
  for (int i = 0; i < 3; ++i)
    expect_refused(train_with("stop"), kFailed, {"the loss of step", "is nan"});
  expect_refused(train_with("stop"), kBadUsage,
                 {"fails again and again from the same checkpoint", "failures.log"});
  // It is not refused when told to go back instead.
  const auto finished = train_with("roll_back", {"resume.max_failures=0"});
  EXPECT_EQ(finished.status, 0) << finished.output;
}

TEST_F(FailingTraining, PassesOverToAnOlderCheckpointIfItShall) {
  for (int i = 0; i < 3; ++i) train_with("stop");
  const std::vector<std::int64_t> before = steps("run");
  ASSERT_GE(before.size(), 2u);
  const auto finished = train_with("stop", {"resume.after_failures=older"});
  EXPECT_THAT(finished.output,
              ::testing::HasSubstr("rolled back from step " + std::to_string(before.back()) +
                                   " to step " + std::to_string(before[before.size() - 2]) +
                                   ", having failed too often"));
  EXPECT_THAT(finished.output, ::testing::HasSubstr("resuming from step " +
                                                    std::to_string(before[before.size() - 2])));
}

TEST_F(FailingTraining, GoesBackToTheLastCheckpointAndOnPastTheBadBatch) {
  const auto finished = train_with("roll_back");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_THAT(finished.output, ::testing::HasSubstr("and on past the batches since then"));
  EXPECT_EQ(steps("run").back(), 48);
  EXPECT_THAT(testing::read_file(run_path("run") + "/metrics.csv"),
              ::testing::Not(::testing::HasSubstr("nan")));
}

TEST_F(FailingTraining, GoesBackHoweverFewFailuresAreAllowed) {
  const auto finished = train_with("roll_back", {"resume.max_failures=1"});
  EXPECT_EQ(finished.status, 0) << finished.output;
}

TEST_F(FailingTraining, IsTheSameWhenItIsKilledInBetween) {
  common_ = {"train.on_nonfinite_loss=roll_back"};
  expect_trained("twin");
  train_and_kill_at(9, "killed", {});
  train_and_kill_at(30, "killed", {});
  expect_trained("killed");
  const Comparison result = testing::compare_every_bit(open("killed", 48), open("twin", 48));
  EXPECT_TRUE(result.differences.empty());
}

TEST_F(FailingTraining, IsRefusedAfterItCrashedTooOftenToo) {
  ::setenv("UCX_HANDLE_ERRORS", "none", 1);  // it may hang in a crash (docs/reliability.md)
  common_ = {"train.on_nonfinite_loss=roll_back", "train.epochs=2000"};
  const auto end_at = [&](const std::string& sign, int signal, const Overrides& overrides) {
    testing::Process process(command("run", overrides));
    while (process.running() && process.output().find(sign) == std::string::npos) testing::pause();
    process.signal(signal);
    EXPECT_EQ(process.wait(), 128 + signal) << process.output();
  };
  end_at("saved step 2", SIGKILL, {});
  for (int i = 0; i < 3; ++i)
    end_at("resuming from step", SIGSEGV,
           {"checkpoint.every_steps=0", "checkpoint.at_epoch_end=false"});
  expect_refused(train("run"), kBadUsage, {"from the same checkpoint", "ended by signal 11"});
}

// The loss was finite still, and the weights that it led to, which were saved, are beyond use.
TEST_F(FailingTraining, RollsBackBehindACheckpointThatIsBadItselfAndNotForEver) {
  const auto finished = train_with(
      "roll_back", {"data.stddev=1e-3", "optimizers.adam.type=sgd", "optimizers.adam.lr=1e-6",
                    "schedules.burst.type=step", "schedules.burst.optimizer=adam",
                    "schedules.burst.interval=step", "schedules.burst.step_size=5",
                    "schedules.burst.factor=1e44", "checkpoint.every_steps=1"});
  expect_refused(finished, kFailed,
                 {"rolled back from step 6 to step 5: the loss behind it was not finite",
                  "back to step 5, and on", "the run rolls back again and again"});
}

TEST_F(FailingTraining, GoesOnWithNumbersThatAreNotFiniteIfItShall) {
  EXPECT_EQ(train_with("ignore").status, 0);
}

}  // namespace
}  // namespace holdfast
