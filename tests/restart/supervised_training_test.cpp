// `holdfast run` brings a real training to its end, whatever happens to it.
#include <signal.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "examples/mlp_fixture.h"

namespace holdfast {
namespace {

constexpr int kStopped = 75;

class SupervisedTraining : public testing::MlpTest {
 protected:
  SupervisedTraining() {
    common_ = {"train.log_every_steps=1", "checkpoint.every_steps=1", "train.epochs=3",
               "train.threads=1"};
  }

  std::vector<std::string> supervised(const std::string& run) const {
    std::vector<std::string> command = {HOLDFAST_PROGRAM, "run", "--backoff", "0.01", "--"};
    const std::vector<std::string> training = this->command(run, {});
    command.insert(command.end(), training.begin(), training.end());
    return command;
  }

  // The process that trains, as the run's lock has it.
  pid_t trainer(const std::string& run) const {
    const std::string holder = testing::read_file(run_path(run) + "/LOCK");
    return holder.rfind("pid ", 0) == 0 ? std::atoi(holder.c_str() + 4) : 0;
  }

  // False: the training has come to its end before.
  bool wait_for_step(testing::Process& supervisor, const std::string& run, std::int64_t step) {
    while (supervisor.running() && logged_steps(run) < step) testing::pause();
    return supervisor.running();
  }
};

TEST_F(SupervisedTraining, EndsInTheSameBitsThoughItIsKilledAgainAndAgain) {
  expect_trained("twin");
  testing::Hold hold(directory_, 15);
  testing::Process supervisor(supervised("killed"));
  int kills = 0;
  for (const std::int64_t step : {15, 40, 65}) {
    const pid_t before = trainer("killed");
    if (!wait_for_step(supervisor, "killed", step)) break;
    const pid_t now = trainer("killed");
    if (now <= 0 || (now == before && kills > 0)) continue;
    ::kill(now, SIGKILL);
    ++kills;
    hold.let_go();
  }
  EXPECT_EQ(supervisor.wait(), 0) << supervisor.output();
  EXPECT_GE(kills, 1);
  expect_same_bits("killed", "twin");
  EXPECT_THAT(testing::read_file(run_path("killed") + "/events.jsonl"),
              ::testing::HasSubstr("\"event\":\"restart\",\"attempt\":1"));
}

TEST_F(SupervisedTraining, GoesBackToACheckpointOnceAndOnWhenItIsKilled) {
  common_.push_back("checkpoint.keep_last=100");
  expect_trained("back", {"train.epochs=1"});
  const std::string beginning = checkpoint_path("back", 5);
  std::vector<std::string> command = {HOLDFAST_PROGRAM, "run", "--backoff", "0.01", "--"};
  for (const std::string& word : this->command("back", {}, beginning)) command.push_back(word);
  testing::Hold hold(directory_, 40);
  testing::Process supervisor(command);
  const std::string superseded = run_path("back") + "/superseded";  // it has gone back by then
  while (supervisor.running() && !std::filesystem::exists(superseded)) testing::pause();
  const pid_t first = trainer("back");
  ASSERT_TRUE(wait_for_step(supervisor, "back", 40)) << supervisor.output();
  ::kill(first, SIGKILL);
  hold.let_go();
  EXPECT_EQ(supervisor.wait(), 0) << supervisor.output();
  EXPECT_THAT(supervisor.output(), ::testing::HasSubstr("resuming from step 5 "));
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(superseded))
    count += entry.is_directory() ? 1 : 0;
  EXPECT_EQ(count, 1u) << "it went back more than once";
}

TEST_F(SupervisedTraining, IsStoppedThroughItsSupervisorAndGoesOn) {
  expect_trained("twin");
  testing::Hold hold(directory_, 10);
  testing::Process supervisor(supervised("stopped"));
  ASSERT_TRUE(wait_for_step(supervisor, "stopped", 10)) << supervisor.output();
  supervisor.signal(SIGTERM);
  hold.let_go();
  EXPECT_EQ(supervisor.wait(), kStopped) << supervisor.output();
  const testing::Finished finished = testing::run_process(supervised("stopped"));
  EXPECT_EQ(finished.status, 0) << finished.output;
  expect_same_bits("stopped", "twin");
}

}  // namespace
}  // namespace holdfast
