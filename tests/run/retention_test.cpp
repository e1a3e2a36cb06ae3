#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <holdfast/checkpoint/run/retention.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/expect_error.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Candidates = std::vector<RetentionCandidate>;
using Steps = std::vector<std::int64_t>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

RetentionPolicy last(int count) {
  RetentionPolicy policy;
  policy.keep_last = count;
  return policy;
}

RetentionPolicy best(int count, bool higher_is_better = true) {
  RetentionPolicy policy = last(1);
  policy.keep_best = count;
  policy.metric = "accuracy";
  policy.higher_is_better = higher_is_better;
  return policy;
}

TEST(Retention, KeepsTheNewest) {
  EXPECT_THAT(steps_to_retire({{10, {}}, {20, {}}, {30, {}}, {40, {}}}, last(2), {}),
              ElementsAre(10, 20));
}

TEST(Retention, KeepsTheNewestEvenWhenNothingElseIs) {
  EXPECT_THAT(steps_to_retire({{10, {}}}, last(1), {}), IsEmpty());
  EXPECT_THAT(steps_to_retire({{10, {}}, {20, {}}}, last(1), {}), ElementsAre(10));
}

TEST(Retention, KeepsAllWhereLastIsZero) {
  EXPECT_THAT(steps_to_retire({{10, {}}, {20, {}}, {30, {}}}, last(0), {}), IsEmpty());
  RetentionPolicy policy = best(1);
  policy.keep_last = 0;
  EXPECT_THAT(steps_to_retire({{10, 1.0}, {20, 2.0}, {30, 3.0}}, policy, {}), IsEmpty());
}

TEST(Retention, LeavesAloneWhatIsNotCompleteAndGivesItNoPlace) {
  const Candidates candidates{{10, {}}, {20, {}}, {30, {}, false}, {40, {}, false}};
  EXPECT_THAT(steps_to_retire(candidates, last(1), {}), ElementsAre(10));
  EXPECT_THAT(steps_to_retire({{10, {}, false}, {20, {}}, {30, {}}}, last(1), {}), ElementsAre(20));
}

TEST(Retention, HasNothingToRetireOfNothing) {
  EXPECT_THAT(steps_to_retire({}, last(1), {}), IsEmpty());
  EXPECT_THAT(steps_to_retire({}, best(2), {10}), IsEmpty());
}

TEST(Retention, KeepsTheBestAsWell) {
  const Candidates candidates{{10, 0.7}, {20, 0.9}, {30, 0.8}, {40, 0.6}};
  EXPECT_THAT(steps_to_retire(candidates, best(1), {}), ElementsAre(10, 30));
  EXPECT_THAT(steps_to_retire(candidates, best(2), {}), ElementsAre(10));
  EXPECT_THAT(steps_to_retire(candidates, best(1, false), {}), ElementsAre(10, 20, 30));
}

TEST(Retention, TakesTheNewerOfEquals) {
  EXPECT_THAT(steps_to_retire({{10, 0.5}, {20, 0.5}, {30, 0.1}}, best(1), {}), ElementsAre(10));
  EXPECT_THAT(steps_to_retire({{10, 0.5}, {20, 0.5}, {30, 0.9}}, best(1, false), {}),
              ElementsAre(10));
}

TEST(Retention, NeverTakesNanForTheBest) {
  const Candidates candidates{{10, kNan}, {20, 0.1}, {30, {}}, {40, kNan}};
  for (const bool higher : {true, false}) {
    EXPECT_THAT(steps_to_retire(candidates, best(1, higher), {}), ElementsAre(10, 30));
    EXPECT_THAT(steps_to_retire(candidates, best(4, higher), {}), ElementsAre(10, 30));
  }
}

// A division by zero once would otherwise be the best for ever.
TEST(Retention, NeverTakesAnInfinityForTheBest) {
  const Candidates candidates{{10, kInfinity}, {20, -kInfinity}, {30, 0.0}, {40, {}}};
  for (const bool higher : {true, false}) {
    EXPECT_THAT(best_steps(candidates, best(1, higher)), ElementsAre(30));
    EXPECT_THAT(steps_to_retire(candidates, best(1, higher), {}), ElementsAre(10, 20));
    EXPECT_THAT(steps_to_retire(candidates, best(4, higher), {}), ElementsAre(10, 20));
  }
}

TEST(Retention, HasNoBestWherePolicyNamesNoMetric) {
  EXPECT_FALSE(candidate_of(10, {{"", 1.0}}, RetentionPolicy()).metric);
  EXPECT_EQ(candidate_of(10, {{"accuracy", 1.0}}, best(1)).metric, 1.0);
}

TEST(Retention, KeepsWhatIsProtected) {
  EXPECT_THAT(steps_to_retire({{10, {}}, {20, {}}, {30, {}}}, last(1), {10, 99}), ElementsAre(20));
}

TEST(Retention, TakesCandidatesInAnyOrder) {
  EXPECT_THAT(steps_to_retire({{30, {}}, {10, {}}, {20, {}}}, last(1), {}), ElementsAre(10, 20));
}

TEST(Retention, RefusesCountsThatMeanNothing) {
  testing::expect_error(ErrorKind::kInvalidArgument, "keep_last",
                        [] { steps_to_retire({}, last(-1), {}); });
  testing::expect_error(ErrorKind::kInvalidArgument, "keep_best",
                        [] { steps_to_retire({}, best(-1), {}); });
}

// Every set of up to four checkpoints whose metrics are from a small set, under every policy: the
// rules, each told on its own.
class EveryRetention : public ::testing::Test {
 protected:
  template <typename Check>
  void for_each_case(Check check) {
    for (std::size_t count = 0; count <= 4; ++count) {
      Candidates candidates;
      for (std::size_t i = 0; i < count; ++i)
        candidates.push_back({static_cast<int>(i + 1) * 10, {}});
      for_each_metric(candidates, 0, check);
    }
  }

  Steps retired(const Candidates& candidates, const RetentionPolicy& policy, const Steps& protect) {
    return steps_to_retire(candidates, policy, protect);
  }

 private:
  template <typename Check>
  void for_each_metric(Candidates& candidates, std::size_t at, Check check) {
    if (at == candidates.size()) return for_each_policy(candidates, check);
    for (const std::optional<double> metric :
         {std::optional<double>(), {kNan}, {kInfinity}, {1.0}, {2.0}}) {
      candidates[at].metric = metric;
      for_each_metric(candidates, at + 1, check);
    }
    candidates[at].is_complete = false;  // and would be the best, or the worst
    for_each_metric(candidates, at + 1, check);
    candidates[at].is_complete = true;
  }

  template <typename Check>
  void for_each_policy(const Candidates& candidates, Check check) {
    for (int keep_last = 0; keep_last <= 5; ++keep_last) {
      for (int keep_best = 0; keep_best <= 3; ++keep_best) {
        for (const bool higher : {true, false}) {
          RetentionPolicy policy = best(keep_best, higher);
          policy.keep_last = keep_last;
          for (const Steps& protect : {Steps{}, Steps{20}, Steps{10, 30}}) {
            check(candidates, policy, protect);
          }
        }
      }
    }
  }
};

bool contains(const Steps& steps, std::int64_t step) {
  return std::find(steps.begin(), steps.end(), step) != steps.end();
}

bool comparable(const RetentionCandidate& candidate) {
  return candidate.is_complete && candidate.metric.has_value() && std::isfinite(*candidate.metric);
}

// a is ranked before b.
bool beats(const RetentionCandidate& a, const RetentionCandidate& b, bool higher) {
  if (!comparable(a) || !comparable(b)) return comparable(a);
  if (*a.metric == *b.metric) return a.step > b.step;
  return (*a.metric > *b.metric) == higher;
}

// Among the `count` first by an order: fewer than `count` others come before it.
template <typename Before>
bool is_among(int count, const RetentionCandidate& candidate, const Candidates& all,
              Before before) {
  return std::count_if(all.begin(), all.end(), [&](const auto& other) {
           return other.step != candidate.step && before(other, candidate);
         }) < count;
}

TEST_F(EveryRetention, RetiresExactlyWhatNoRuleKeeps) {
  for_each_case([&](const Candidates& all, const RetentionPolicy& policy, const Steps& protect) {
    const auto newer = [](const auto& a, const auto& b) {
      return a.is_complete && a.step > b.step;
    };
    const auto better = [&](const auto& a, const auto& b) {
      return beats(a, b, policy.higher_is_better);
    };
    const Steps steps = retired(all, policy, protect);
    for (const RetentionCandidate& one : all) {
      const bool kept = policy.keep_last == 0 || !one.is_complete || contains(protect, one.step) ||
                        is_among(policy.keep_last, one, all, newer) ||
                        (comparable(one) && is_among(policy.keep_best, one, all, better));
      ASSERT_NE(contains(steps, one.step), kept) << one.step << " of " << all.size();
    }
  });
}

TEST_F(EveryRetention, NeverRetiresTheNewestOrTheProtected) {
  for_each_case([&](const Candidates& all, const RetentionPolicy& policy, const Steps& protect) {
    const Steps steps = retired(all, policy, protect);
    ASSERT_TRUE(all.empty() || !contains(steps, all.back().step));
    for (const std::int64_t step : protect) ASSERT_FALSE(contains(steps, step));
  });
}

TEST_F(EveryRetention, RetiresInAscendingOrderAndOnlyWhatThereIs) {
  for_each_case([&](const Candidates& all, const RetentionPolicy& policy, const Steps& protect) {
    const Steps steps = retired(all, policy, protect);
    ASSERT_EQ(std::adjacent_find(steps.begin(), steps.end(), std::greater_equal<>()), steps.end());
    for (const std::int64_t step : steps) {
      ASSERT_TRUE(
          std::any_of(all.begin(), all.end(), [&](const auto& c) { return c.step == step; }));
    }
  });
}

TEST_F(EveryRetention, HasNothingLeftToRetireAfterwards) {
  for_each_case([&](const Candidates& all, const RetentionPolicy& policy, const Steps& protect) {
    const Steps steps = retired(all, policy, protect);
    Candidates rest;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rest),
                 [&](const auto& candidate) { return !contains(steps, candidate.step); });
    ASSERT_THAT(retired(rest, policy, protect), IsEmpty());
  });
}

}  // namespace
}  // namespace holdfast
