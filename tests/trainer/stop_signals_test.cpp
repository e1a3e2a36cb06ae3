#include <holdfast/trainer/stop_signals.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace holdfast::trainer {
namespace {

// How a child ends that does this: its wait status.
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
