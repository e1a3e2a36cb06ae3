// A training that is asked to stop completes its step, saves it, says so by its exit status, and
// goes on as if it had never stopped.
#include <signal.h>

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/mlp_fixture.h"

namespace holdfast {
namespace {

constexpr int kStopped = 75;

class Preemption : public testing::MlpTest, public ::testing::WithParamInterface<int> {
 protected:
  Preemption() {
    // Nothing is saved but at the end or on request; evaluating at every step makes it likely that
    // the signal comes in an evaluation.
    common_ = {
        "train.log_every_steps=1",      "checkpoint.every_steps=0", "checkpoint.at_epoch_end=false",
        "train.evaluate_every_steps=1", "train.epochs=3",           "train.threads=2"};
  }

  // Trains until `step` is logged, sends the signal, and returns how it ended.
  testing::Finished stop_at(std::int64_t step, const std::string& run, int signal) {
    testing::Hold hold(directory_, step);
    testing::Process process(command(run, {}));
    while (process.running() && logged_steps(run) < step) testing::pause();
    process.signal(signal);
    hold.let_go();
    const int status = process.wait();
    return {status, process.output()};
  }
};

TEST_P(Preemption, SavesTheStepThatItIsInAndExitsWith75) {
  const testing::Finished stopped = stop_at(5, "stopped", GetParam());
  EXPECT_EQ(stopped.status, kStopped) << stopped.output;
  ASSERT_EQ(steps("stopped").size(), 1u) << stopped.output;
  EXPECT_EQ(steps("stopped").back(), logged_steps("stopped"));
  EXPECT_THAT(stopped.output, ::testing::HasSubstr("With --resume auto it goes on from step " +
                                                   std::to_string(steps("stopped").back())));
}

TEST_P(Preemption, EndsInTheSameBitsWhenItGoesOn) {
  expect_trained("twin");
  EXPECT_EQ(stop_at(7, "stopped", GetParam()).status, kStopped);
  EXPECT_EQ(stop_at(20, "stopped", GetParam()).status, kStopped);
  expect_trained("stopped");
  expect_same_bits("stopped", "twin");
}

INSTANTIATE_TEST_SUITE_P(By, Preemption, ::testing::Values(SIGTERM, SIGINT, SIGUSR1),
                         [](const auto& info) { return std::string(sigabbrev_np(info.param)); });

// Before the first step there is nothing but the beginning to save; it is saved all the same.
TEST_F(Preemption, GoesOnFromTheBeginningIfItWasStoppedThere) {
  expect_trained("twin");
  testing::Process process(command("stopped", {}));
  while (process.running() && process.output().find("starting a new run") == std::string::npos) {
    testing::pause();
  }
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), kStopped) << process.output();
  expect_trained("stopped");
  expect_same_bits("stopped", "twin");
}

// The request is noted and the process goes on; the second signal ends it, whatever it is doing.
TEST_F(Preemption, EndsAtOnceAtASecondSignalAndLosesNothingThatWasCommitted) {
  common_.push_back("checkpoint.every_steps=1");
  expect_trained("twin");
  testing::Hold hold(directory_, 5);
  testing::Process process(command("ended", {}));
  while (process.running() && logged_steps("ended") < 5) testing::pause();
  process.signal(SIGTERM);
  process.signal(SIGTERM);
  hold.let_go();
  const int status = process.wait();
  EXPECT_TRUE(status == 128 + SIGTERM || status == kStopped) << status << process.output();
  EXPECT_GE(steps("ended").size(), 1u);
  expect_trained("ended");
  expect_same_bits("ended", "twin");
}

}  // namespace
}  // namespace holdfast
