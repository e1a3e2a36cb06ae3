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
  testing::Process supervisor(supervised("killed"));
  int kills = 0;
  for (const std::int64_t step : {15, 40, 65}) {
    const pid_t before = trainer("killed");
    if (!wait_for_step(supervisor, "killed", step)) break;
    const pid_t now = trainer("killed");
    if (now <= 0 || (now == before && kills > 0)) continue;
    ::kill(now, SIGKILL);
    ++kills;
  }
  EXPECT_EQ(supervisor.wait(), 0) << supervisor.output();
  EXPECT_GE(kills, 1);
  expect_same_bits("killed", "twin");
  EXPECT_THAT(testing::read_file(run_path("killed") + "/events.jsonl"),
              ::testing::HasSubstr("\"event\":\"restart\",\"attempt\":1"));
}

TEST_F(SupervisedTraining, IsStoppedThroughItsSupervisorAndGoesOn) {
  expect_trained("twin");
  testing::Process supervisor(supervised("stopped"));
  ASSERT_TRUE(wait_for_step(supervisor, "stopped", 10)) << supervisor.output();
  supervisor.signal(SIGTERM);
  EXPECT_EQ(supervisor.wait(), kStopped) << supervisor.output();
  const testing::Finished finished = testing::run_process(supervised("stopped"));
  EXPECT_EQ(finished.status, 0) << finished.output;
  expect_same_bits("stopped", "twin");
}

}  // namespace
}  // namespace holdfast
