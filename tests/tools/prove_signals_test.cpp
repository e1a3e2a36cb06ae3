// That `holdfast prove` ends when it should, and nothing that it has started outlives it.
#include <signal.h>

#include "prove_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using testing::Finished;
using ::testing::HasSubstr;
using testing::Process;

class ProveSignals : public testing::ProveTest {
 protected:
  ProveSignals() { prepare("a"); }

  // The process whose id is in that file has ended.
  bool is_gone(const std::string& file) const {
    const std::vector<std::string> ids = lines(file);
    return !ids.empty() && ::kill(std::stoi(ids[0]), 0) != 0;
  }
  // A command that ends when it is killed, with a process of its own.
  std::string endless() const {
    return "sleep 1000 & echo $! > grandchild; echo $$ > child; touch ready; wait";
  }
  // Writes its id once it is there.
  std::string in_another_session() const {
    return "setsid sh -c 'sh -c \"echo \\$\\$ > stray.new; mv stray.new stray; exec sleep 1000\" "
           "&'\n";
  }
  Process& start(const std::string& script, const testing::Words& options = {}) {
    process_ = std::make_unique<Process>(proof(script, options));
    return *process_;
  }

 private:
  std::unique_ptr<Process> process_;
};

class ProveStopSignals : public ProveSignals, public ::testing::WithParamInterface<int> {};

TEST_P(ProveStopSignals, EndItAndTheCommandWithAllItsProcesses) {
  Process& process = start(endless());
  wait_for("ready", process);
  process.signal(GetParam());
  EXPECT_EQ(process.wait(), 128 + GetParam());
  EXPECT_TRUE(is_gone("child"));
  EXPECT_TRUE(is_gone("grandchild"));
  EXPECT_THAT(process.output(),
              AllOf(HasSubstr("holdfast: stopped by signal " + std::to_string(GetParam())),
                    HasSubstr("; the runs so far are in " + temporary())));
}

INSTANTIATE_TEST_SUITE_P(By, ProveStopSignals,
                         ::testing::Values(SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2),
                         [](const auto& info) { return std::string(sigabbrev_np(info.param)); });

TEST_F(ProveSignals, ACommandThatIgnoresSignalsIsEndedAllTheSame) {
  Process& process = start("trap '' TERM INT HUP; " + endless());
  wait_for("ready", process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
  EXPECT_TRUE(is_gone("child"));
}

TEST_F(ProveSignals, ACommandThatDoesNothingIsEndedWhenTheTimeIsOver) {
  Finished finished{};
  for (double seconds = 0.5; !std::filesystem::exists(directory_ / "ready"); seconds *= 2)
    finished = prove("echo waiting; " + endless(), {"--timeout", std::to_string(seconds)});
  EXPECT_EQ(finished.status, 3);
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("holdfast: not proven: the time (--timeout) is over"),
                    HasSubstr("/uninterrupted.log:\n  waiting\n")));
  EXPECT_TRUE(is_gone("grandchild"));
}

// A wrapper around the training, as many are: the kill must reach what is behind it.
TEST_F(ProveSignals, AKillEndsAllProcessesOfTheCommand) {
  const Finished finished = prove("sleep 1000 & echo $! > grandchild-$name-$n; holds=5; train 8");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_TRUE(is_gone("grandchild-killed-1"));
}

TEST_F(ProveSignals, WhatACommandLeavesRunningIsEndedWithIt) {
  const Finished finished = prove("sleep 1000 & echo $! > grandchild-$name-$n; holds=5; train 8");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_TRUE(is_gone("grandchild-uninterrupted-1"));
  EXPECT_TRUE(is_gone("grandchild-killed-2"));
}

// As `setsid` does; its first process ends at once, so that nobody is left to ask for the second.
TEST_F(ProveSignals, WhatHasLeftTheSessionIsEndedWithTheCommand) {
  Process& process = start(in_another_session() + endless());
  wait_for("ready", process);
  wait_for("stray", process);
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 128 + SIGINT);
  EXPECT_TRUE(is_gone("stray"));
}

TEST_F(ProveSignals, AKillEndsWhatHasLeftTheSession) {
  const Finished finished = prove(in_another_session() +
                                  "while [ ! -s stray ]; do sleep 0.01; done\n"
                                  "mv stray stray-$name-$n; holds=5; train 8");
  EXPECT_EQ(finished.status, 0) << finished.output;
  for (const char* const file : {"stray-uninterrupted-1", "stray-killed-1", "stray-killed-2"})
    EXPECT_TRUE(is_gone(file)) << file;
}

// A wrapper around the training does not pass a signal on: nothing but a kill ends what is behind.
TEST_F(ProveSignals, NothingIsLeftWhenTheToolIsKilled) {
  Process& process = start(in_another_session() + endless());
  wait_for("ready", process);
  wait_for("stray", process);
  process.kill();
  for (const char* const file : {"child", "grandchild", "stray"})
    while (!is_gone(file)) testing::pause();
}

TEST_F(ProveSignals, ACommandWhoseGuardIsKilledIsEndedAllTheSame) {
  const Finished finished = prove("sleep 1000 & echo $! > grandchild; kill -9 $PPID; wait");
  EXPECT_EQ(finished.status, 3);
  EXPECT_THAT(finished.output, HasSubstr("the command fails by itself, with signal 9"));
  EXPECT_TRUE(is_gone("grandchild"));
}

// `bash -c 'other & exec holdfast prove …'`, and the first process of a container, have such.
TEST_F(ProveSignals, AChildThatTheToolWasStartedWithOutlivesIt) {
  const std::string kill_guard = "sleep 1000 & echo $! > grandchild; kill -9 $PPID; wait";
  for (const std::string& script : {std::string("holds=5; train 8"), kill_guard}) {
    SCOPED_TRACE(script);
    testing::Words command = {"/bin/sh", "-c", "sleep 1000 & echo $! > \"$0\"; exec \"$@\"",
                              directory_ / "other"};
    const testing::Words words = proof(script, {"--at", "5"});
    command.insert(command.end(), words.begin(), words.end());
    const Finished finished = testing::run_process(command);
    EXPECT_EQ(finished.status, script == kill_guard ? 3 : 0) << finished.output;
    EXPECT_FALSE(is_gone("other"));
    ::kill(std::stoi(lines("other").at(0)), SIGKILL);
  }
  EXPECT_TRUE(is_gone("grandchild"));
}

TEST_F(ProveSignals, ATrainingThatTellsTensOfThousandsOfStepsIsKilledAmongThem) {
  const Finished finished = prove(
      "open_run; resume; [ $n -eq 1 ] && save a 2\n"
      "[ $name$n = killed1 ] && last=1000000000 || last=50000\n"
      "seq -f 'step %.0f' 3 $last > \"$HOLDFAST_HEARTBEAT\"",
      {"--at", "40000"});
  EXPECT_THAT(finished.output, HasSubstr("started from the beginning, killed at step "));
}

TEST_F(ProveSignals, ATrainingOfQuickStepsIsKilledAtThoseThatAreNamed) {
  const std::string script =
      "open_run; resume\n"
      "if [ $name = killed ]; then save a $((2 * n)); else save a 2; save a 4; save a 6; fi\n"
      "'" QUICK_STEPS_PROGRAM "' $step 50000";
  const nlohmann::json proof = prove_as_json(script, {"--at", "20000", "--at", "40001"});
  ASSERT_EQ(proof["starts"].size(), 3u) << proof;
  EXPECT_EQ(proof["starts"][0]["last_step"], 20000);
  EXPECT_EQ(proof["starts"][1]["last_step"], 40001);
  EXPECT_EQ(proof["finding"], "exact");
}

}  // namespace
}  // namespace holdfast
