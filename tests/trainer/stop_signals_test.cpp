#include <holdfast/trainer/stop_signals.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace holdfast::trainer {
namespace {

// Runs the action in a child process, and returns the wait status of the child.
template <typename Action>
int status_of_child(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    action();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

[[noreturn]] void pause_until_killed() {
  for (;;) pause();
}

sigset_t block(int signal) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, signal);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  return before;
}

// A wrapper asks its training to stop, and dies. Then this process becomes the parent of the
// training and asks twice: its first signal belongs to the same request, and its second one ends
// the training.
void expect_one_request_of_two_parents(int signal, bool after_another) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  const pid_t wrapper = fork();
  if (wrapper == 0) {
    const StopSignals stop;
    if (after_another)
      raise(signal);  // noted here, and so also in the training, which is forked next
    const sigset_t before = block(signal);
    const pid_t training = fork();
    if (training != 0) {
      kill(training, signal);
      pause_until_killed();
    }
    for (int i = 0; i < 3; ++i) {
      sigsuspend(&before);  // until a signal was handled
      sigprocmask(SIG_SETMASK, &before, nullptr);
      block(signal);
      const pid_t self = getpid();
      if (write(ready[1], &self, sizeof self) != sizeof self) _exit(1);
    }
    _exit(0);  // not reached: the second signal of the new parent ends the process
  }
  close(ready[1]);
  pid_t training = 0;
  EXPECT_EQ(read(ready[0], &training, sizeof training), ssize_t{sizeof training});
  kill(wrapper, SIGKILL);
  waitpid(wrapper, nullptr, 0);
  kill(training, signal);
  EXPECT_EQ(read(ready[0], &training, sizeof training), ssize_t{sizeof training});
  kill(training, signal);
  int status = 0;
  waitpid(training, &status, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), signal);
  close(ready[0]);
}

class StopSignalsTest : public ::testing::TestWithParam<int> {};

TEST_P(StopSignalsTest, NoteTheFirstAndDoNothing) {
  const StopSignals stop;
  EXPECT_FALSE(stop.requested());
  raise(GetParam());
  EXPECT_TRUE(stop.requested());
  EXPECT_EQ(stop.signal(), GetParam());
}

TEST_P(StopSignalsTest, EndTheProcessAtTheSecond) {
  const int status = status_of_child([] {
    const StopSignals stop;
    raise(SIGTERM);
    raise(GetParam());
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), GetParam());
}

// The whole process group was asked to stop, and the parent passes its signal on.
TEST_P(StopSignalsTest, TakeOneOfTheParentAndOneOfAnotherForOneRequest) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const int signal = GetParam();
  const pid_t child = fork();
  if (child == 0) {
    const StopSignals stop;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, signal);
    raise(signal);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    for (int i = 0; i < 2; ++i) {
      if (write(ready[1], &i, 1) != 1) _exit(1);
      sigsuspend(&before);  // until the parent's signal was handled
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    _exit(0);  // not reached: the second signal of the parent ends the process
  }
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 1);
  kill(child, signal);
  EXPECT_EQ(read(ready[0], &byte, 1), 1);  // the child lives after the first signal
  kill(child, signal);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), signal);
  close(ready[0]);
  close(ready[1]);
}

// A wrapper passes the signal on, and dies. The process that becomes the new parent asks, too, as
// `holdfast run` does.
TEST_P(StopSignalsTest, TakeOneOfTheParentAndOneOfItsSuccessorForOneRequest) {
  expect_one_request_of_two_parents(GetParam(), false);
}

// The whole process group was asked to stop, and the wrapper passes its signal on.
TEST_P(StopSignalsTest, TakeOneOfAnotherOneOfTheParentAndOneOfItsSuccessorForOneRequest) {
  expect_one_request_of_two_parents(GetParam(), true);
}

// The parent has already died when its signal is handled.
TEST_P(StopSignalsTest, KnowTheSignalOfAParentThatHasDied) {
  int go[2], ended[2];
  ASSERT_EQ(pipe(go), 0);
  ASSERT_EQ(pipe(ended), 0);
  const int signal = GetParam();
  const pid_t wrapper = fork();
  if (wrapper == 0) {
    const sigset_t before = block(signal);
    int ready[2];
    if (pipe(ready) != 0) _exit(1);
    char byte = 0;
    const pid_t training = fork();
    if (training != 0) {
      if (read(ready[0], &byte, 1) != 1) _exit(1);
      kill(training, signal);
      _exit(0);
    }
    const StopSignals stop;
    sigprocmask(SIG_SETMASK, &before, nullptr);
    raise(signal);  // a signal that is not from the parent
    block(signal);
    close(go[1]);
    if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 0) _exit(1);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    if (write(ended[1], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  waitpid(wrapper, nullptr, 0);
  close(go[1]);
  close(ended[1]);
  char byte = 0;
  EXPECT_EQ(read(ended[0], &byte, 1), 1);
  close(go[0]);
  close(ended[0]);
}

TEST_P(StopSignalsTest, LeaveTheSignalsAsTheyWere) {
  const int status = status_of_child([] {
    { const StopSignals stop; }
    raise(GetParam());
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), GetParam());
}

TEST_P(StopSignalsTest, LeaveAnIgnoredSignalIgnored) {
  const int status = status_of_child([] {
    signal(GetParam(), SIG_IGN);
    const StopSignals stop;
    raise(GetParam());
    raise(GetParam());
    if (stop.requested()) _exit(1);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

INSTANTIATE_TEST_SUITE_P(Each, StopSignalsTest, ::testing::Values(SIGTERM, SIGINT, SIGUSR1),
                         [](const auto& info) { return signal_name(info.param); });

TEST(StopSignals, NoteAnotherRequestInALaterRun) {
  {
    const StopSignals stop;
    raise(SIGINT);
  }
  const StopSignals stop;
  EXPECT_FALSE(stop.requested());
}

}  // namespace
}  // namespace holdfast::trainer
