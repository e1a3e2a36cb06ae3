// What `holdfast prove` finds out about trainings, which are shell scripts here.
#include "prove_fixture.h"

namespace holdfast {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Json = nlohmann::json;

class Prove : public testing::ProveTest {
 protected:
  Prove() { prepare("a"); }

  void expect(const Finished& finished, int status, const std::string& words) const {
    EXPECT_EQ(finished.status, status) << finished.output;
    EXPECT_THAT(finished.output, HasSubstr(words));
  }
  void expect_not_proven(const std::string& script, const std::string& reason,
                         const testing::Words& options = {"--at", "5"}) const {
    expect(prove(script, options), 3, "holdfast: not proven: " + reason);
  }
};

TEST_F(Prove, AResumeThatIsExact) {
  const Finished finished = prove("holds=5; train 8");
  expect(finished, 0, "exact: the run that was killed and resumed is the same, bit for bit");
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("4 checkpoints of steps 2 to 8: 12 tensors and values"),
                    HasSubstr("killed at     step 5\n"), HasSubstr("resumed from  step 4\n")));
  EXPECT_EQ(lines("starts-killed").size(), 2u);
  EXPECT_EQ(lines("starts-uninterrupted").size(), 1u);
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Prove, AResumeThatIsExactAfterSeveralKills) {
  const Json proof =
      prove_as_json("holds='3 6 7'; train 8", {"--at", "7", "--at", "3", "--at", "6"});
  EXPECT_EQ(proof["finding"], "exact");
  EXPECT_EQ(proof["seed"], nullptr);
  std::vector<Json> resumed;
  for (const Json& start : proof["starts"]) resumed.push_back(start["resumed_from"]);
  EXPECT_THAT(resumed, ElementsAre(nullptr, 2, 4, 6));
  EXPECT_EQ(proof["starts"][1], (Json{{"resumed_from", 2},
                                      {"kill_at", 6},
                                      {"killed", true},
                                      {"last_step", 6},
                                      {"compared", 1}}));
  EXPECT_EQ(proof["compared"]["checkpoints"], (Json{2, 4, 6, 8}));
}

TEST_F(Prove, AResumeThatIsNotExact) {
  prepare("b", {testing::floats("rng/cpu", {8}, 99)});
  const Finished finished =
      prove("holds=5; [ $name = killed ] && [ $n -eq 2 ] && variant=b; train 8");
  expect(finished, 1, "not exact: the checkpoint of step 6 is the first that differs, in rng/cpu");
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("cause         random number generator\n"),
                    HasSubstr("it is seeded after the restore"),
                    HasSubstr("step 6 by the start that was resumed from step 4"),
                    HasSubstr("kept in       " + temporary() + "/holdfast-prove-")));
  ASSERT_THAT(left_behind(), SizeIs(1));
  const std::string kept = temporary() + "/" + left_behind()[0];
  for (const char* const name : {"uninterrupted", "killed", "killed-1.log", "killed-2.log"})
    EXPECT_TRUE(std::filesystem::exists(kept + "/" + name)) << name;
}

TEST_F(Prove, ADifferenceAsJson) {
  prepare("b", {testing::floats("models/net/parameters/weight", {4}, 99),
                testing::floats("optimizers/adam/state/net/weight/exp_avg", {4}, 99)});
  const Json proof =
      prove_as_json("holds=5; [ $name = killed ] && [ $n -eq 2 ] && variant=b; train 8");
  EXPECT_EQ(proof["finding"], "not exact");
  const Json& difference = proof["difference"];
  EXPECT_EQ(difference["step"], 6);
  EXPECT_EQ(difference["name"], "optimizers/adam/state/net/weight/exp_avg");
  EXPECT_EQ(difference["kind"], "data order");
  EXPECT_EQ(difference["saved"], false);
  EXPECT_EQ(difference["resumed_from"], 4);
  EXPECT_EQ(difference["different"], (Json{{"optimizer", 1}, {"parameters", 1}}));
}

TEST_F(Prove, AProgramThatDoesNotRepeatItselfBeforeAnyResume) {
  prepare("b", {testing::floats("rng/cpu", {8}, 99)});
  const Finished finished = prove("holds=5; [ $name = killed ] && variant=b; train 8");
  expect(finished, 1, "not exact: the checkpoint of step 2 is the first that differs");
  EXPECT_THAT(finished.output, AllOf(HasSubstr("no resume is to blame"),
                                     HasSubstr("step 2 without a resume on the way")));
}

TEST_F(Prove, AStartWithoutACheckpointBeginsAtTheBeginningAndIsNoFault) {
  const Finished finished = prove("holds='1 5'; train 8", {"--at", "1", "--at", "5"});
  expect(finished, 0, "exact: ");
  EXPECT_THAT(finished.output,
              HasSubstr("resumed from  the beginning (no checkpoint was there yet), step 4\n"));
}

TEST_F(Prove, NothingOfAResumeWhereEveryKillComesBeforeTheFirstCheckpoint) {
  expect_not_proven(
      "holds=1; train 8",
      "the two runs are the same, but no checkpoint was there yet when it was killed, "
      "so that nothing was resumed (the first is of step 2)",
      {"--at", "1"});
}

TEST_F(Prove, TheCommandIsToldWhereToWaitForItsKill) {
  expect(prove("echo \"$name:${HOLDFAST_HOLD_AT-unset}\" >> told; holds='3 5'; train 8",
               {"--at", "3", "--at", "5"}),
         0, "exact: ");
  EXPECT_THAT(lines("told"), ElementsAre("uninterrupted:", "killed:3", "killed:5", "killed:"));
}

TEST_F(Prove, StepsThatAreDrawnAreNotWaitedAt) {
  prove("echo \"$name:${HOLDFAST_HOLD_AT-unset}\" >> told; train 8", {"--crashes", "1"});
  EXPECT_THAT(lines("told"), ::testing::Each(::testing::EndsWith(":")));
}

TEST_F(Prove, StepsThatAreDrawnAreTheSameWithTheSameSeed) {
  const auto announced = [&](const std::string& seed) {
    const std::string output = prove("train 8", {"--crashes", "2", "--seed", seed}).output;
    const std::size_t begin = output.find("now killing it at steps ");
    return output.substr(begin, output.find('\n', begin) - begin);
  };
  const std::string first = announced("7");
  EXPECT_THAT(first, ::testing::EndsWith(" (seed 7)"));
  EXPECT_EQ(announced("7"), first);
}

TEST_F(Prove, StepsThatAreDrawnLeaveACheckpointToResumeFrom) {
  const Json proof = prove_as_json(
      "train 8; [ $name = uninterrupted ] || [ $n -eq 2 ] || sleep 1000", {"--crashes", "1"});
  EXPECT_EQ(proof["starts"].size(), 2u) << proof;
  EXPECT_NE(proof["starts"][1]["resumed_from"], nullptr) << proof;
}

TEST_F(Prove, ACommandThatFailsByItselfIsShown) {
  const Finished finished = prove("train 3; echo one; printf 'bar\\rtwo \\033[1mthree\\n'; exit 7");
  expect(finished, 3, "holdfast: not proven: the command fails by itself, with exit status 7\n");
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("/uninterrupted.log:\n"), HasSubstr("\n  one\n  two [1mthree\n")));
}

TEST_F(Prove, ACommandThatASignalEndsFailsByItself) {
  expect_not_proven("train 3; kill -KILL $$",
                    "the command fails by itself, with signal 9 (Killed)");
}

TEST_F(Prove, ACommandThatIsStoppedOnRequestHasNotEnded) {
  expect_not_proven("train 3; exit 75", "the command fails by itself, with exit status 75");
}

TEST_F(Prove, ACommandThatOpensNoRun) {
  expect_not_proven("exit 0", "the command has opened no run");
}

TEST_F(Prove, ACommandThatTrainsElsewhere) {
  expect_not_proven("run=$PWD/elsewhere; train 8",
                    "the command trains in " + (directory_ / "elsewhere"));
}

TEST_F(Prove, ACommandThatTrainsInADirectoryOfItsRun) {
  expect(prove("run=$run/seed-1; name=$(basename \"$1\"); holds=5; train 8"), 0, "exact: ");
}

TEST_F(Prove, ACommandThatOpensSeveralRuns) {
  expect_not_proven("train 8; run=$run/other; train 8", "the command opens several runs (2)");
}

TEST_F(Prove, ACommandThatTellsNoStep) {
  expect_not_proven("beat() { :; }; train 8", "the command tells no step");
}

TEST_F(Prove, ACommandThatSavesNoCheckpoint) {
  expect_not_proven("save() { :; }; train 8", "the command saves no checkpoint");
}

TEST_F(Prove, ACommandThatEndsBeforeTheStep) {
  expect_not_proven("train 8", "the command ends at step 8: there is no step 9 to kill it at",
                    {"--at", "3", "--at", "9"});
}

TEST_F(Prove, ACommandOfOneStep) {
  prepare("b", {}, 2);
  expect_not_proven("open_run; complete; save b 2",
                    "the command ends at step 1: there is no step before it to kill it at", {});
}

TEST_F(Prove, ACommandThatHasEndedBeforeTheKillCame) {
  expect_not_proven("[ $name = killed ] && beat() { :; }; train 8",
                    "the command had ended before the kill at step 5 came");
}

TEST_F(Prove, ACommandThatFailsOnlyTheSecondTime) {
  expect_not_proven("[ $name = killed ] && exit 1; train 8",
                    "the command fails by itself, with exit status 1");
}

TEST_F(Prove, AJournalThatDiffers) {
  prepare("b", {}, 8, "1,0.5\n");
  prepare("c", {}, 8, "1,0.7\n");
  const Finished finished = prove(
      "holds=5; if [ $name = killed ]; then variant=c; rows=1,0.7; else variant=b; rows=1,0.5; fi\n"
      "mkdir -p \"$run\"; echo $rows > \"$run/metrics.csv\"; train 8");
  expect(finished, 1, "not exact: metrics.csv differs\n");
  EXPECT_THAT(finished.output, AllOf(HasSubstr("differs       metrics.csv: line 1 differs\n"),
                                     HasSubstr("cause         journal\n")));
}

TEST_F(Prove, ACommandThatSavesNothingAfterItsResume) {
  expect_not_proven("holds=5; train 5",
                    "the two runs are the same, but no checkpoint was saved after the resume from "
                    "step 4 (the last that both have is of step 4)");
}

TEST_F(Prove, RunsWithoutACommonStep) {
  expect_not_proven("holds=5; [ $name = killed ] && behind=1; train 8",
                    "the two runs have no checkpoint of the same step");
}

TEST_F(Prove, ARunWithADamagedCheckpoint) {
  expect_not_proven("holds=5; train 8; rm -f \"$run\"/checkpoints/step-000000000008/shard-*",
                    "the runs cannot be compared: ");
}

TEST_F(Prove, ACommandThatBeginsAgainIsNotResumed) {
  const Finished finished =
      prove("holds=5; resume() { rm -rf \"$run/checkpoints\"/step-*; }; train 8");
  expect(finished, 1,
         "holdfast: not resumed: started again after the kill at step 5, the command starts from "
         "the beginning, although step 4 was saved\n");
}

TEST_F(Prove, ACommandThatFailsWhereItShouldResume) {
  const Finished finished = prove(
      "holds=5; [ $name = killed ] && [ $n -eq 2 ] && { echo 'no such tensor'; exit 1; }; train 8");
  expect(finished, 1,
         "holdfast: not resumed: started again after the kill at step 5, the command fails by "
         "itself, with exit status 1\n");
  EXPECT_THAT(finished.output,
              AllOf(HasSubstr("/killed-2.log:\n  no such tensor\n"),
                    HasSubstr("holdfast prove: started, and ended without a step\n"),
                    Not(HasSubstr("ended at step 0"))));
}

TEST_F(Prove, ACommandThatCountsTheStepsOfAStart) {
  const Finished finished =
      prove("holds=3; open_run; resume; train_on $((step + 4))", {"--at", "3"});
  expect(finished, 1, "not exact: the number of steps differs\n");
  EXPECT_THAT(finished.output, AllOf(HasSubstr("the number of steps: 4 and 6"),
                                     HasSubstr("cause         progress counters")));
}

TEST_F(Prove, WhatIsKeptStays) {
  const std::string kept = directory_ / "kept/proof";
  expect(prove("holds=5; train 8", {"--at", "5", "--keep", kept}), 0, "kept in       " + kept);
  EXPECT_TRUE(std::filesystem::exists(kept + "/killed/checkpoints/step-000000000008"));
  EXPECT_TRUE(std::filesystem::exists(kept + "/uninterrupted.log"));
  expect(prove("train 8", {"--keep", kept}), 2,
         "holdfast: " + kept + "/uninterrupted: a proof begins with fresh run directories");
}

TEST_F(Prove, ADirectoryThatCannotBeMadeProvesNothing) {
  touch("file");
  expect(prove("train 8", {"--keep", directory_ / "file/proof"}), 3,
         "file/proof: cannot make the directory for the two runs");
}

TEST_F(Prove, WithoutAPlaceForTemporaryFilesProvesNothing) {
  testing::Words words = proof("train 8", {});
  words.insert(words.begin(), {"/usr/bin/env", "TMPDIR=" + (directory_ / "nowhere")});
  expect(testing::run_process(words), 3,
         "holdfast: not proven: TMPDIR=" + (directory_ / "nowhere") +
             ": there is no directory for temporary files: expected a directory that can be "
             "written to; make it, or set TMPDIR to one that is there\n");
}

TEST_F(Prove, TheRunDirectoriesAreNotThereBeforeTheCommandMakesThem) {
  expect(prove("[ $n -eq 1 ] && [ -e \"$run\" ] && exit 9; holds=5; train 8"), 0, "exact: ");
}

TEST_F(Prove, TheCommandHasNothingToReadAndAJobOfItsOwnInEachRun) {
  expect(prove("read line && exit 9; echo \"$HOLDFAST_JOB\" >> jobs; holds=5; train 8"), 0,
         "exact: ");
  const std::vector<std::string> jobs = lines("jobs");
  ASSERT_THAT(jobs, SizeIs(3));
  EXPECT_NE(jobs[0], jobs[1]);
  EXPECT_EQ(jobs[1], jobs[2]);
}

TEST_F(Prove, ACrashOfTheCommandIsNotHeldUpByTheSignalHandlerOfUcx) {
  ::unsetenv("UCX_HANDLE_ERRORS");
  prove("echo $UCX_HANDLE_ERRORS > handler; exit 1");
  EXPECT_THAT(lines("handler"), ElementsAre("none"));
}

TEST_F(Prove, EveryPlaceOfTheRunDirectoryIsFilled) {
  const Finished finished =
      testing::run_process({HOLDFAST_PROGRAM, "prove", "--", "/bin/sh", "-c", "echo $1 $2; exit 1",
                            "sh", "--set=run.dir={run}", "{run}/a{run}"});
  const std::string run = temporary() + "/" + left_behind()[0] + "/uninterrupted";
  EXPECT_THAT(finished.output,
              HasSubstr("\n  --set=run.dir=" + run + " " + run + "/a" + run + "\n"));
}

TEST_F(Prove, ACommandThatCannotBeExecutedLeavesNothingBehind) {
  const Finished finished =
      testing::run_process({HOLDFAST_PROGRAM, "prove", "--", directory_ / "nowhere", "{run}"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, HasSubstr("the command cannot be executed"));
  EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Prove, WhatIsNotProvenAsJson) {
  const Json proof = prove_as_json("exit 7");
  EXPECT_EQ(proof["finding"], "not proven");
  EXPECT_EQ(proof["reason"], "the command fails by itself, with exit status 7");
  EXPECT_TRUE(std::filesystem::exists(proof["log"].get<std::string>()));
  EXPECT_EQ(proof["difference"], nullptr);
}

}  // namespace
}  // namespace holdfast
