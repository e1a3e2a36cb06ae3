// What `holdfast run` does with signals, its own death's among them.
#include <pty.h>

#include "run_fixture.h"

namespace holdfast {
namespace {

using testing::Finished;
using ::testing::HasSubstr;
using testing::Process;

class RunSignals : public testing::RunTest {};

struct StopCase {
  const char* name;
  int signal;
};

void PrintTo(const StopCase& stop, std::ostream* out) {
  *out << stop.name;
}

class RunStopSignals : public RunSignals, public ::testing::WithParamInterface<StopCase> {
 protected:
  // What the script's exit in answer to the signal becomes.
  int status_after(const std::string& on_signal) {
    const std::string trap = "trap '" + on_signal + "' " + GetParam().name + "\n";
    Process process(command(trap + "touch ready; wait_for never"));
    wait_for("ready", process);
    process.signal(GetParam().signal);
    return process.wait();
  }
};

TEST_P(RunStopSignals, ArePassedOnAndEndWithTheStatusOfTheTraining) {
  for (const int status : {75, 0, 1, 2, 3}) {
    std::filesystem::remove(directory_ / "ready");
    std::filesystem::remove(directory_ / "starts");
    EXPECT_EQ(status_after("exit " + std::to_string(status)), status);
    EXPECT_EQ(starts(), 1u);
  }
}

TEST_P(RunStopSignals, EndWithTheSignalThatTheTrainingDiedOf) {
  EXPECT_EQ(status_after("kill -KILL $$"), 128 + SIGKILL);
  EXPECT_EQ(starts(), 1u);
}

TEST_P(RunStopSignals, EndABackOffAtOnceToBeResumedLater) {
  Process process(command("exit 1", {"--backoff", "300"}));
  wait_until(process, [&] { return process.output().find("again in 300 s") != std::string::npos; });
  process.signal(GetParam().signal);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_EQ(starts(), 1u);
}

INSTANTIATE_TEST_SUITE_P(All, RunStopSignals,
                         ::testing::Values(StopCase{"TERM", SIGTERM}, StopCase{"INT", SIGINT},
                                           StopCase{"USR1", SIGUSR1}, StopCase{"HUP", SIGHUP}),
                         [](const auto& info) { return std::string(info.param.name); });

// As when a whole process group is asked to stop: the parent is asked too, and passes it on.
TEST_F(RunSignals, OneRequestOfTheParentAndOneOfAnotherProcessArePassedOnOnce) {
  Process process(
      command("trap 'echo x >> requests; [ $(wc -l < requests) -eq 2 ] && exit 75' TERM\n"
              "touch ready; wait_for never"));
  wait_for("ready", process);
  process.signal(SIGTERM);
  wait_until(process, [&] { return lines("requests").size() == 1; });
  testing::run_process({"/bin/sh", "-c", "kill -TERM " + std::to_string(process.id())});
  wait_until(process,
             [&] { return process.output().find("the same request") != std::string::npos; });
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_EQ(lines("requests").size(), 2u);
}

TEST_F(RunSignals, ASecondRequestIsPassedOnAsWell) {
  Process process(
      command("trap 'echo x >> requests; [ $(wc -l < requests) -eq 2 ] && exit 75' TERM\n"
              "touch ready; wait_for never"));
  wait_for("ready", process);
  process.signal(SIGTERM);
  wait_until(process, [&] { return lines("requests").size() == 1; });
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 75);
}

// It had no handler yet: nothing that was saved is lost, and whoever asked starts it again.
TEST_F(RunSignals, ACommandThatDiesOfTheRequestItselfWasStoppedOnRequest) {
  Process process(command("open_run run; save run 3; touch ready; exec sleep 1000"));
  wait_for("ready", process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 75);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(RunSignals, ACommandThatDiesOfTheRequestWithoutACheckpointHasNothingToGoOnFrom) {
  Process process(command("open_run run; touch ready; exec sleep 1000"));
  wait_for("ready", process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
}

TEST_F(RunSignals, ACommandThatDiesOfAHangUpWasNotToldToGoOnLater) {
  Process process(command("open_run run; save run 3; touch ready; exec sleep 1000"));
  wait_for("ready", process);
  process.signal(SIGHUP);
  EXPECT_EQ(process.wait(), 128 + SIGHUP);
}

TEST_F(RunSignals, ACommandThatDiesOfASecondRequestDidNotSaveForIt) {
  Process process(command("trap 'trap - TERM; touch asked' TERM; touch ready; wait_for never"));
  wait_for("ready", process);
  process.signal(SIGTERM);
  wait_for("asked", process);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
}

TEST_F(RunSignals, Usr2IsPassedOnAndIsNoRequestToStop) {
  Process process(
      command("[ $n -eq 2 ] && exit 0; trap 'exit 1' USR2; touch ready; wait_for never"));
  wait_for("ready", process);
  process.signal(SIGUSR2);
  EXPECT_EQ(process.wait(), 0) << process.output();
  EXPECT_EQ(starts(), 2u);
}

TEST_F(RunSignals, AHangUpThatNohupIgnoresIsNone) {
  testing::Words words = {"/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"};
  for (const std::string& word :
       command("[ $n -eq 2 ] && exit 0; touch ready; wait_for go; exit 1"))
    words.push_back(word);
  Process process(words);
  wait_for("ready", process);
  process.signal(SIGHUP);
  touch("go");
  EXPECT_EQ(process.wait(), 0) << process.output();
  EXPECT_EQ(starts(), 2u);
}

TEST_F(RunSignals, TheTrainingIsAskedToStopWhenTheSupervisorIsKilled) {
  Process process(command("trap 'touch stopped; exit 75' TERM; touch ready; wait_for never"));
  wait_for("ready", process);
  process.kill();
  while (!exists("stopped")) testing::pause();
}

TEST_F(RunSignals, ASupervisorWhoseOutputNobodyReadsGoesOn) {
  const std::string directory = directory_.path().string();
  testing::Words words = {"/bin/sh", "-c",
                          "{ \"$@\"; echo $? > '" + directory +
                              "/status'; } 2>&1 | { exec 0<&-; touch '" + directory + "/deaf'; }",
                          "sh"};
  for (const std::string& word : command("wait_for deaf; [ $n -eq 2 ] || exit 1"))
    words.push_back(word);
  testing::run_process(words);
  EXPECT_THAT(lines("status"), ::testing::ElementsAre("0"));
}

// A program in the foreground of a terminal of its own.
class Terminal {
 public:
  explicit Terminal(const testing::Words& command) {
    pid_ = forkpty(&keyboard_, nullptr, nullptr, nullptr);
    if (pid_ < 0) throw std::runtime_error("forkpty failed");
    if (pid_ > 0) return;
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  ~Terminal() {
    ::kill(pid_, SIGKILL);
    if (!waited_) waitpid(pid_, nullptr, 0);
    close(keyboard_);
  }

  void signal(int signal) const { ::kill(pid_, signal); }
  void press_control_c() const { ASSERT_EQ(write(keyboard_, "\x03", 1), 1); }
  // Reads the screen up to this text, or to the end.
  std::string read_until(const std::string& text) const {
    std::string screen;
    for (char c = 0; screen.find(text) == std::string::npos && read(keyboard_, &c, 1) == 1;)
      screen += c;
    return screen;
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    waited_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  int keyboard_ = -1;
  pid_t pid_ = -1;
  bool waited_ = false;
};

// The supervisor stands still until the training has handled the terminal's signal: one more would
// not be lost in it.
TEST_F(RunSignals, ControlCReachesTheTrainingOnce) {
  Terminal terminal(command("trap 'echo x >> interrupts' INT; touch ready; wait_for go; exit 75"));
  while (!exists("ready")) testing::pause();
  terminal.signal(SIGSTOP);
  terminal.press_control_c();
  while (lines("interrupts").empty()) testing::pause();
  terminal.signal(SIGCONT);
  EXPECT_THAT(terminal.read_until("signal 2 (Interrupt)"), HasSubstr("signal 2"));
  touch("go");
  EXPECT_EQ(terminal.wait(), 75);
  EXPECT_EQ(lines("interrupts").size(), 1u);
  EXPECT_EQ(starts(), 1u);
}

TEST_F(RunSignals, ControlCReachesATrainingThatHasLeftTheForeground) {
  Terminal terminal(
      command("[ -e ready ] || exec setsid --wait /bin/sh -c \"trap 'exit 75' INT; touch ready; "
              "while :; do sleep 0.01; done\""));
  while (!exists("ready")) testing::pause();
  terminal.press_control_c();
  EXPECT_EQ(terminal.wait(), 75);
}

}  // namespace
}  // namespace holdfast
