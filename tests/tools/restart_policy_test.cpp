#include "run/restart_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace holdfast::tool {
namespace {

using ::testing::ElementsAre;

constexpr int kMany = 1000;

// How long each of these failures is waited after; -1 where it is given up.
std::vector<double> waits(const RestartLimits& limits, const std::vector<bool>& progress) {
  RestartPolicy policy(limits);
  std::vector<double> waits;
  for (const bool progressed : progress) {
    const Decision decision = policy.after_failure(progressed);
    waits.push_back(decision.refusal ? -1 : decision.seconds);
  }
  return waits;
}

TEST(RestartPolicy, TheWaitDoublesWithEachFailureWithoutProgress) {
  EXPECT_THAT(waits({kMany, kMany, 5}, {false, false, false, false}), ElementsAre(5, 10, 20, 40));
}

TEST(RestartPolicy, TheWaitStartsAgainAfterProgress) {
  EXPECT_THAT(waits({kMany, kMany, 5}, {false, false, true, true, false}),
              ElementsAre(5, 10, 5, 5, 10));
}

TEST(RestartPolicy, TheWaitIsFiveMinutesAtMost) {
  EXPECT_THAT(waits({kMany, kMany, 200}, {false, false, false}), ElementsAre(200, 300, 300));
}

TEST(RestartPolicy, NoWaitStaysNone) {
  EXPECT_THAT(waits({kMany, kMany, 0}, {false, false}), ElementsAre(0, 0));
}

TEST(RestartPolicy, GivesUpAfterSoManyFailuresInARowWithoutProgress) {
  EXPECT_THAT(waits({kMany, 3, 0}, {false, false, false}), ElementsAre(0, 0, -1));
  EXPECT_THAT(waits({kMany, 3, 0}, {false, false, true, false, false, false}),
              ElementsAre(0, 0, 0, 0, 0, -1));
}

TEST(RestartPolicy, GivesUpWhenNoRestartIsLeftWhateverTheProgress) {
  EXPECT_THAT(waits({2, kMany, 0}, {true, true, true}), ElementsAre(0, 0, -1));
  EXPECT_THAT(waits({0, kMany, 0}, {true}), ElementsAre(-1));
}

TEST(RestartPolicy, SaysWhyItGivesUp) {
  EXPECT_EQ(RestartPolicy({0, 3, 0}).after_failure(true).refusal, Refusal::kNoRestartLeft);
  EXPECT_EQ(RestartPolicy({3, 1, 0}).after_failure(false).refusal, Refusal::kNoProgress);
}

TEST(RestartPolicy, CountsRestartsAndFailuresSinceTheLastProgress) {
  RestartPolicy policy({kMany, kMany, 0});
  for (const bool progressed : {false, true, false, false}) policy.after_failure(progressed);
  EXPECT_EQ(policy.restarts(), 4);
  EXPECT_EQ(policy.stalled(), 2);
}

}  // namespace
}  // namespace holdfast::tool
