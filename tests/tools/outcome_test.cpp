#include "run/outcome.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

namespace holdfast::tool {
namespace {

Verdict verdict_on_exit(int status) {
  return outcome_of(W_EXITCODE(status, 0)).verdict;
}

TEST(Outcome, FollowsTheContractOfExitStatuses) {
  EXPECT_EQ(verdict_on_exit(0), Verdict::kComplete);
  EXPECT_EQ(verdict_on_exit(1), Verdict::kFailure);
  EXPECT_EQ(verdict_on_exit(2), Verdict::kHopeless);
  EXPECT_EQ(verdict_on_exit(75), Verdict::kPreempted);
}

TEST(Outcome, OfAProgramThatAShellCouldNotExecuteIsHopeless) {
  EXPECT_EQ(verdict_on_exit(126), Verdict::kHopeless);
  EXPECT_EQ(verdict_on_exit(127), Verdict::kHopeless);
}

TEST(Outcome, OfAnyOtherStatusIsAFailure) {
  for (const int status : {3, 74, 76, 125, 128, 134, 255})
    EXPECT_EQ(verdict_on_exit(status), Verdict::kFailure) << status;
}

TEST(Outcome, OfEverySignalIsAFailure) {
  for (const int signal : {SIGTERM, SIGINT, SIGKILL, SIGSEGV, SIGABRT})
    EXPECT_EQ(outcome_of(W_EXITCODE(0, signal)).verdict, Verdict::kFailure) << signal;
}

TEST(Outcome, HasTheStatusThatAShellWouldShow) {
  EXPECT_EQ(outcome_of(W_EXITCODE(75, 0)).status, 75);
  EXPECT_EQ(outcome_of(W_EXITCODE(0, SIGTERM)).status, 128 + SIGTERM);
}

TEST(Outcome, NamesItsCause) {
  EXPECT_EQ(outcome_of(W_EXITCODE(1, 0)).cause, "exit status 1");
  EXPECT_EQ(outcome_of(W_EXITCODE(127, 0)).cause, "exit status 127 (not found)");
  EXPECT_EQ(outcome_of(W_EXITCODE(0, SIGKILL)).cause, "signal 9 (Killed)");
}

}  // namespace
}  // namespace holdfast::tool
