// When `holdfast run` starts a training again, and when it does not.
#include "run_fixture.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Words;
using Json = nlohmann::json;

class Restart : public testing::RunTest {};

TEST_F(Restart, AfterAnExitStatusOfFailureUntilTheTrainingIsDone) {
  const Finished finished = run("[ $n -eq 3 ] || exit $n$n");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_EQ(starts(), 3u);
  EXPECT_THAT(finished.output, HasSubstr("failed with exit status 11 after "));
  EXPECT_THAT(finished.output, HasSubstr("(restart 2 of at most 1000)"));
}

// SIGTERM too: the training has the signal mask that the supervisor was started with.
class RestartAfterSignal : public Restart, public ::testing::WithParamInterface<const char*> {};

TEST_P(RestartAfterSignal, ThatTheTrainingDiedOf) {
  const Finished finished =
      run("[ $n -ge 2 ] && exit 0; ulimit -c 0; kill -" + std::string(GetParam()) + " $$; exit 0");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_EQ(starts(), 2u);
  EXPECT_THAT(finished.output, HasSubstr("failed with signal "));
}

INSTANTIATE_TEST_SUITE_P(All, RestartAfterSignal,
                         ::testing::Values("KILL", "SEGV", "TERM", "USR1", "HUP", "PIPE"),
                         [](const auto& info) { return std::string(info.param); });

// UCX would print the stack, for which it allocates memory: in a crash of malloc() it waits for
// ever.
TEST_F(Restart, IsNotKeptFromItByTheSignalHandlerOfUcx) {
  ::unsetenv("UCX_HANDLE_ERRORS");
  run("echo $UCX_HANDLE_ERRORS > handler");
  EXPECT_THAT(lines("handler"), ElementsAre("none"));
}

TEST_F(Restart, LeavesTheSignalHandlerOfUcxThatTheUserAskedFor) {
  ::setenv("UCX_HANDLE_ERRORS", "freeze", 1);
  run("echo $UCX_HANDLE_ERRORS > handler");
  ::unsetenv("UCX_HANDLE_ERRORS");
  EXPECT_THAT(lines("handler"), ElementsAre("freeze"));
}

TEST_F(Restart, NotWhenTheTrainingIsDone) {
  EXPECT_EQ(run("exit 0").status, 0);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(Restart, NotAfterAConfigurationError) {
  const Finished finished = run("exit 2");
  EXPECT_EQ(finished.status, 2);
  EXPECT_EQ(starts(), 1u);
  EXPECT_THAT(finished.output, HasSubstr("starting it again would not help"));
}

TEST_F(Restart, NotWhenAShellFindsNoProgram) {
  EXPECT_EQ(run("no-such-program-anywhere").status, 2);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(Restart, NotAfterAStopOnRequest) {
  const Finished finished = run("exit 75");
  EXPECT_EQ(finished.status, 75);
  EXPECT_EQ(starts(), 1u);
  EXPECT_THAT(finished.output, HasSubstr("stopped on request"));
}

TEST_F(Restart, NotOfAProgramThatIsNotThere) {
  const Finished finished = testing::run_process(
      {HOLDFAST_PROGRAM, "run", "--", directory_ / "nowhere", "--config", "x"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output,
              HasSubstr(directory_ / "nowhere" + ": the command cannot be executed"));
  EXPECT_THAT(finished.output, HasSubstr("No such file or directory"));
}

TEST_F(Restart, NotOfAFileThatIsNoProgram) {
  touch("notes.txt");
  const Finished finished =
      testing::run_process({HOLDFAST_PROGRAM, "run", "--", directory_ / "notes.txt"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.output, HasSubstr("Permission denied"));
}

TEST_F(Restart, GivesUpOnAProgramThatOpensNoRunAndOnlyFails) {
  const Finished finished = run("exit 1", {"--max-stalled", "4"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(starts(), 4u);
  EXPECT_THAT(finished.output, HasSubstr("it has opened no run; giving up"));
}

TEST_F(Restart, GivesUpOnALoopThatMakesNoProgress) {
  const Finished finished = run("open_run run; save run 200; kill -KILL $$");
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(starts(), 1u + 5u);  // the first one saved its first checkpoint
  EXPECT_THAT(finished.output, HasSubstr("the run is still at step 200; giving up"));
}

TEST_F(Restart, DoesNotGiveUpWhileTheRunGetsOn) {
  const Finished finished =
      run("open_run run; save run $((n / 2)); [ $n -eq 9 ] || exit 1", {"--max-stalled", "2"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_EQ(starts(), 9u);
  EXPECT_THAT(finished.output, HasSubstr("the run got from step 3 to step 4"));
}

TEST_F(Restart, GivesUpWhenNoRestartIsLeft) {
  EXPECT_EQ(run("open_run run; save run $n; exit 1", {"--max-restarts", "2"}).status, 1);
  EXPECT_EQ(starts(), 3u);
}

TEST_F(Restart, NeverIfNoneIsAllowed) {
  EXPECT_EQ(run("open_run run; save run $n; exit 1", {"--max-restarts", "0"}).status, 1);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(Restart, IsLoggedIntoTheRun) {
  run("open_run run; save run ${n}00; [ $n -eq 1 ] && exit 1; [ $n -eq 2 ] && kill -KILL $$; exit "
      "0");
  EXPECT_THAT(
      events("run"),
      ElementsAre(
          Json{{"event", "restart"}, {"attempt", 1}, {"cause", "exit status 1"}, {"step", 100}},
          Json{{"event", "restart"},
               {"attempt", 2},
               {"cause", "signal 9 (Killed)"},
               {"step", 200}}));
}

TEST_F(Restart, IsLoggedIntoEachRunThatTheTrainingHasOpened) {
  run("open_run a; open_run b; save b 7; [ $n -eq 2 ] || exit 1");
  const Json restart = {{"event", "restart"}, {"attempt", 1}, {"cause", "exit status 1"}};
  EXPECT_THAT(events("a"), ElementsAre(restart));
  Json with_step = restart;
  with_step["step"] = 7;
  EXPECT_THAT(events("b"), ElementsAre(with_step));
}

TEST_F(Restart, ThatIsGivenUpIsLoggedIntoTheRun) {
  run("open_run run; exit 1", {"--max-stalled", "1"});
  EXPECT_THAT(events("run"),
              ElementsAre(Json{{"event", "gave_up"},
                               {"restarts", 0},
                               {"cause", "exit status 1"},
                               {"reason", "failures in a row without a new checkpoint: 1"}}));
}

TEST_F(Restart, SeesProgressAfterACleanerHasRemovedTheListOfRuns) {
  const Finished finished =
      run("save run $n; [ $n -eq 2 ] || open_run run; [ $n -eq 1 ] && rm \"$HOLDFAST_RUNS_FILE\"\n"
          "[ $n -eq 4 ] || exit 1",
          {"--max-stalled", "1"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_EQ(starts(), 4u);
}

TEST_F(Restart, LeavesNoListOfRunsBehind) {
  run("[ -e \"$HOLDFAST_RUNS_FILE\" ] && echo \"$HOLDFAST_RUNS_FILE\" > where");
  ASSERT_EQ(lines("where").size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(lines("where")[0]));
}

}  // namespace
}  // namespace holdfast
