// What a command leaves running when it ends: `holdfast run` ends it before it goes on.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "run/supervisor.h"
#include "run_fixture.h"

namespace holdfast {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Process;

// A training in a script of its own: it lasts until it is asked to stop.
std::string child(const std::string& on_term) {
  return "/bin/sh -c 'trap \"" + on_term +
         "\" TERM; echo $$ >> pids; touch ready; while :; do sleep 0.01; done'";
}
constexpr const char* kSaveAndStop =
    "touch asked; while [ ! -e go ]; do sleep 0.01; done; "
    "mkdir -p run/checkpoints/step-000000000007; exit 75";

constexpr tool::LeftLimits kNeverAsked{std::chrono::hours(24), std::chrono::hours(24)};

class LeftRunning : public testing::RunTest {
 protected:
  // Of the processes that have written their ids.
  std::size_t running() const {
    std::size_t count = 0;
    for (const std::string& pid : lines("pids")) count += ::kill(std::stoi(pid), 0) == 0 ? 1 : 0;
    return count;
  }
  // As the tool runs the script, but with these limits.
  Finished supervise(const std::string& script, const tool::LeftLimits& left) const {
    const std::vector<std::string> words = training(script);
    const pid_t supervisor = fork();
    if (supervisor == 0) {
      const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
      dup2(null, STDOUT_FILENO);
      dup2(null, STDERR_FILENO);
      std::ofstream said(directory_ / "said");
      int status = -1;
      try {
        status = tool::Supervisor(words, {}, left, said).run();
      } catch (const std::exception& error) {
        said << error.what() << std::endl;
      }
      _exit(status);
    }
    int status = 0;
    waitpid(supervisor, &status, 0);
    std::ifstream said(directory_ / "said");
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            std::string(std::istreambuf_iterator<char>(said), {})};
  }
  // Asks the tool to stop, and lets the training save when that has been asked, too.
  void stop_and_save(Process& process, int signal = SIGTERM) {
    wait_for("ready", process);
    process.signal(signal);
    wait_for("asked", process);
    touch("go");
  }
};

TEST_F(LeftRunning, BehindAWrapperThatDiesOfTheRequestTheTrainingIsAskedAndSaves) {
  Process process(command("open_run run; " + child(kSaveAndStop) + "; echo ended"));
  stop_and_save(process);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_EQ(running(), 0u);
  EXPECT_EQ(starts(), 1u);
  EXPECT_THAT(process.output(), HasSubstr("has ended and left running: sh ("));
  EXPECT_THAT(process.output(), HasSubstr(") with exit status 75; the run has got to step 7"));
  EXPECT_THAT(process.output(), HasSubstr("what it had left running has saved and stopped"));
}

// It does not know SIGTERM, if it was told to listen to another signal.
TEST_F(LeftRunning, IsAskedBySigusr1WhereThatWasTheRequest) {
  const std::string training =
      "/bin/sh -c 'trap \"touch asked; exit 75\" USR1; touch ready; while :; do sleep 0.01; done'";
  Process process(command(training + "; echo ended"));
  stop_and_save(process, SIGUSR1);
  EXPECT_EQ(process.wait(), 75);
}

TEST_F(LeftRunning, BehindWrappersOfWrappersIsAsked) {
  std::ofstream(directory_ / "inner") << child(kSaveAndStop) << "; echo ended\n";
  std::ofstream(directory_ / "outer") << "/bin/sh inner; echo ended\n";
  Process process(command("open_run run; /bin/sh outer; echo ended"));
  stop_and_save(process);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_EQ(running(), 0u);
}

TEST_F(LeftRunning, DoesNotOverlapWithTheNextStart) {
  const Finished finished =
      run("[ -e alive ] && touch overlap\n"
          "setsid /bin/sh -c 'trap \"sleep 0.1; rm alive; exit 0\" TERM; touch alive; "
          "while :; do sleep 0.01; done' &\n"
          "wait_for alive; [ $n -eq 3 ] || exit 1");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_EQ(starts(), 3u);
  EXPECT_FALSE(exists("overlap"));
  EXPECT_FALSE(exists("alive"));
}

TEST_F(LeftRunning, ByAWrapperThatIsKilledIsAskedBeforeTheNextStart) {
  const Finished finished = run("[ $n -eq 2 ] && exit 0\n" + child("touch saved; exit 75") +
                                " &\nwait_for ready; kill -KILL $$");
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_TRUE(exists("saved"));
  EXPECT_THAT(finished.output, HasSubstr("signal 9 (Killed)"));
  EXPECT_THAT(finished.output, HasSubstr(") with exit status 75"));
}

TEST_F(LeftRunning, IsKilledAfterTheGrace) {
  Process process(command(child("") + "; echo ended", {"--grace", "0.2"}));
  wait_for("ready", process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
  EXPECT_EQ(running(), 0u);
  EXPECT_THAT(process.output(), HasSubstr("to be killed after 0.2 s"));
  EXPECT_THAT(process.output(), HasSubstr("killing what has not stopped: sh ("));
  EXPECT_THAT(process.output(), ContainsRegex("left running ended: sh .*with signal 9"));
}

TEST_F(LeftRunning, IsWokenWhereItStandsStill) {
  Process process(
      command("/bin/sh -c 'trap \"touch saved; exit 75\" TERM; touch ready; "
              "kill -STOP $$; while :; do sleep 0.01; done'; echo ended"));
  wait_for("ready", process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_TRUE(exists("saved"));
}

TEST_F(LeftRunning, ThatStartsEverMoreProcessesIsEnded) {
  const Finished finished =
      run("/bin/sh -c 'trap \"\" TERM; while :; do "
          "(setsid /bin/sh -c \"echo \\$\\$ >> pids; sleep 1000\" &); sleep 0.01; done' &\n"
          "wait_for pids; exit 0",
          {"--grace", "0.2"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_EQ(running(), 0u);
}

TEST_F(LeftRunning, BehindACommandThatIsDoneIsEndedAndTheStatusIsTheCommands) {
  const Finished finished = run(child("exit 3") + " & wait_for ready; exit 0");
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(running(), 0u);
  EXPECT_THAT(finished.output, HasSubstr("the command is done"));
  EXPECT_THAT(finished.output, HasSubstr(") with exit status 3"));
}

TEST_F(LeftRunning, ThatHasStoppedIsNotDoneThoughTheCommandSaysSo) {
  const Finished finished = run(child("exit 75") + " & wait_for ready; exit 0");
  EXPECT_EQ(finished.status, 75);
  EXPECT_EQ(starts(), 1u);
  EXPECT_THAT(finished.output, HasSubstr("but what it had left running has saved and stopped"));
}

TEST_F(LeftRunning, ThatHasStoppedIsNotDoneThoughAWrapperTakesTheRequestForItsEnd) {
  Process process(
      command("open_run run; trap 'exit 0' TERM\n" + child(kSaveAndStop) + " & wait_for never"));
  stop_and_save(process);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_THAT(process.output(),
              HasSubstr("it had been asked to stop, and what it had left running has"));
}

TEST_F(LeftRunning, GetsTheFirstRequestOnceAndTheSecondToo) {
  const std::string count = "echo x >> requests";
  Process process(command(child(count) + " & wait_for ready; exit 1", {"--max-restarts", "0"}));
  wait_until(process, [&] { return lines("requests").size() == 1; });
  process.signal(SIGTERM);
  wait_until(process,
             [&] { return process.output().find("asked to stop already") != std::string::npos; });
  process.signal(SIGTERM);
  wait_until(process, [&] { return lines("requests").size() == 2; });
  for (const std::string& pid : lines("pids")) ::kill(std::stoi(pid), SIGKILL);
  EXPECT_EQ(process.wait(), 1);
  EXPECT_EQ(starts(), 1u);
}

// It reads on when the command has ended, as tee(1) does behind a wrapper's output. Were it asked
// to stop, what is in the pipe would be lost.
TEST_F(LeftRunning, ThatEndsByItselfIsWaitedForAndNotAsked) {
  const Finished finished = supervise(
      "mkfifo pipe\n"
      "(while kill -0 $$ 2> /dev/null; do sleep 0.01; done; exec cat) < pipe > log &\n"
      "exec > pipe; seq 1000",
      kNeverAsked);
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(lines("log").size(), 1000u);
  EXPECT_THAT(finished.output, Not(HasSubstr("left running: ")));
}

TEST_F(LeftRunning, IsAskedAtOnceAfterARequestToStop) {
  const Finished finished = supervise(
      child("exit 3") + " & wait_for ready; trap 'exit 4' TERM; kill -TERM $PPID; wait_for never",
      kNeverAsked);
  EXPECT_EQ(finished.status, 4);
  EXPECT_THAT(finished.output, HasSubstr(") with exit status 3"));
}

TEST_F(LeftRunning, IsAskedAtOnceWhenTheRequestComesLate) {
  const Finished finished =
      supervise(child("exit 3") +
                    " & wait_for ready\n"
                    "(while kill -0 $$ 2> /dev/null; do sleep 0.01; done; kill -TERM " +
                    std::string("$PPID) & exit 4"),
                kNeverAsked);
  EXPECT_EQ(finished.status, 4);
  EXPECT_THAT(finished.output, HasSubstr(") with exit status 3"));
  EXPECT_THAT(finished.output, Not(HasSubstr("asked to stop already")));
}

TEST_F(LeftRunning, IsNotWhatTheShellBeforeTheToolHasStarted) {
  testing::Words words = {
      "/bin/sh", "-c", "sleep 1000 & echo $! > '" + (directory_ / "pids") + "'; exec \"$@\"", "sh"};
  for (const std::string& word : command("exit 0")) words.push_back(word);
  const Finished finished = testing::run_process(words);
  EXPECT_EQ(finished.status, 0);
  EXPECT_THAT(finished.output, Not(HasSubstr("left running")));
  EXPECT_EQ(running(), 1u);
  for (const std::string& pid : lines("pids")) ::kill(std::stoi(pid), SIGKILL);
}

// As behind head(1): the first start dies of SIGPIPE, the next has no pipe to die of.
TEST_F(LeftRunning, AnOutputThatNobodyReadsEndsNoSupervision) {
  const std::string pipeline =
      "cd '" + directory_.path().string() +
      "'; { \"$@\"; echo $? > status; } | "
      "{ while [ ! -e ready ]; do sleep 0.01; done; exec 0<&-; touch deaf; }";
  testing::Words words = {"/bin/sh", "-c", pipeline, "sh"};
  for (const std::string& word : command("touch ready; wait_for deaf; echo hello; touch said"))
    words.push_back(word);
  const Finished finished = testing::run_process(words);
  EXPECT_THAT(lines("status"), ElementsAre("0")) << finished.output;
  EXPECT_EQ(starts(), 2u);
  EXPECT_TRUE(exists("said"));
  EXPECT_THAT(finished.output, HasSubstr("signal 13 (Broken pipe)"));
}

TEST_F(LeftRunning, WithoutStandardDescriptorsNothingIsSaidIntoItsFiles) {
  testing::Words words = {"/bin/sh", "-c", "exec 0<&- 1>&- 2>&-; exec \"$@\"", "sh"};
  for (const std::string& word :
       command("open_run run; [ $n -eq 2 ] || exit 1; cat \"$HOLDFAST_RUNS_FILE\" > seen"))
    words.push_back(word);
  EXPECT_EQ(testing::run_process(words).status, 0);
  const std::string run = directory_ / "run";
  EXPECT_THAT(lines("seen"), ElementsAre(run, run));
}

}  // namespace
}  // namespace holdfast
