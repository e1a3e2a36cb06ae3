// What `holdfast prove` decides without a process: steps, kinds of state, causes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "prove/diagnosis.h"
#include "prove/judgement.h"
#include "prove/kill_steps.h"
#include "prove/report.h"
#include "prove/state_kind.h"

namespace holdfast::tool {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using Entries = std::vector<std::string>;

TEST(KillSteps, AreOneInEachPartOfTheRun) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto steps = draw_kill_steps({1, 30}, 3, seed);
    EXPECT_THAT(steps,
                ElementsAre(AllOf(Ge(1), Le(10)), AllOf(Ge(11), Le(20)), AllOf(Ge(21), Le(30))));
  }
}

TEST(KillSteps, ComeAnywhereInThem) {
  std::set<std::int64_t> drawn;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
    drawn.insert(draw_kill_steps({1, 4}, 1, seed)[0]);
  EXPECT_THAT(drawn, ElementsAre(1, 2, 3, 4));
}

TEST(KillSteps, AreTheSameForTheSameSeedWithEveryCompiler) {
  EXPECT_THAT(draw_kill_steps({1, 1000}, 3, 1), ElementsAre(117, 404, 686));
}

TEST(KillSteps, AreAllThatThereAreWhereMoreAreAskedFor) {
  EXPECT_THAT(draw_kill_steps({5, 7}, 10, 1), ElementsAre(5, 6, 7));
  EXPECT_THAT(draw_kill_steps({1, 0}, 3, 1), IsEmpty());
}

TEST(KillSteps, MayBeAnyThatThereAre) {
  const std::int64_t last = std::numeric_limits<std::int64_t>::max();
  const auto steps = draw_kill_steps({1, last - 1}, 1000, 1);
  EXPECT_THAT(steps, SizeIs(1000));
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
}

TEST(KillSteps, ThatAreGivenAreTakenInTheirOrder) {
  EXPECT_THAT(given_kill_steps({7, 3, 7, 1}), ElementsAre(1, 3, 7));
}

TEST(KindOfState, IsInTheName) {
  EXPECT_EQ(kind_of("data/train/epoch"), StateKind::kDataOrder);
  EXPECT_EQ(kind_of("rng/cuda/0"), StateKind::kGenerator);
  EXPECT_EQ(kind_of("schedulers/decay/step_count"), StateKind::kScheduler);
  EXPECT_EQ(kind_of("optimizers/adam/groups/0/lr"), StateKind::kOptimizer);
  EXPECT_EQ(kind_of("models/net/parameters/fc1.weight"), StateKind::kParameter);
  EXPECT_EQ(kind_of("models/net/buffers/norm.running_mean"), StateKind::kBuffer);
  EXPECT_EQ(kind_of("models/buffers/parameters/weight"), StateKind::kParameter);
  EXPECT_EQ(kind_of("modes/net/training"), StateKind::kMode);
  EXPECT_EQ(kind_of("modes/has_gradient/requires_grad"), StateKind::kMode);
  EXPECT_EQ(kind_of("modes/net/has_gradient"), StateKind::kGradient);
  EXPECT_EQ(kind_of("gradients/net/fc1.weight"), StateKind::kGradient);
  EXPECT_EQ(kind_of("progress/step"), StateKind::kProgress);
  EXPECT_EQ(kind_of("user/replay/0"), StateKind::kOwn);
}

TEST(KindOfState, IsTheProgramsOwnForANameThatNobodyKnows) {
  for (const char* const name : {"", "/", "rngs", "model/net/buffers/x", "data%2Fx", "mode"})
    EXPECT_EQ(kind_of(name), StateKind::kOwn) << name;
}

TEST(KindOfState, TellsWhatNoGradientHasAPartIn) {
  EXPECT_TRUE(is_optimizer_option("optimizers/adam/groups/0/lr"));
  EXPECT_FALSE(is_optimizer_option("optimizers/groups/state/0/lr"));
  EXPECT_TRUE(is_optimizer_count("optimizers/adam/state/net/fc1.weight/step"));
  EXPECT_FALSE(is_optimizer_count("optimizers/adam/state/net/fc1.weight/exp_avg"));
  EXPECT_FALSE(is_optimizer_count("progress/step"));
}

const char* const kWeight = "models/net/parameters/weight";
const char* const kMean = "models/net/buffers/running_mean";
const char* const kMoment = "optimizers/adam/state/net/weight/exp_avg";
const char* const kCount = "optimizers/adam/state/net/weight/step";
const char* const kRate = "optimizers/adam/groups/0/lr";

std::set<StateKind> all_but(const std::set<StateKind>& missing) {
  std::set<StateKind> saved;
  for (const StateKind kind : kStateKinds)
    if (missing.count(kind) == 0) saved.insert(kind);
  return saved;
}

StateKind cause_of(const Entries& different, const std::set<StateKind>& missing = {}) {
  return diagnose(different, all_but(missing)).kind;
}

TEST(Diagnosis, TakesWhatDiffersAndHasNoOtherCauseForTheCause) {
  EXPECT_EQ(cause_of({kWeight, kMoment, "rng/cpu", "data/train/epoch"}), StateKind::kDataOrder);
  EXPECT_EQ(cause_of({kWeight, kMoment, "rng/cpu"}, {StateKind::kDataOrder}),
            StateKind::kGenerator);
  EXPECT_EQ(cause_of({kWeight, "schedulers/decay/step_count", kRate}), StateKind::kScheduler);
  EXPECT_EQ(cause_of({kWeight, kMoment, kCount}, {StateKind::kDataOrder}), StateKind::kOptimizer);
  EXPECT_EQ(cause_of({kWeight, kMoment, kRate}), StateKind::kOptimizer);
  EXPECT_EQ(cause_of({kWeight, kMoment, "modes/net/training"}), StateKind::kMode);
  EXPECT_EQ(cause_of({"modes/net/has_gradient"}), StateKind::kGradient);
  EXPECT_EQ(cause_of({"progress/loss", kMean}), StateKind::kBuffer);
  EXPECT_EQ(cause_of({"progress/loss"}), StateKind::kProgress);
  EXPECT_EQ(cause_of({"user/cache/0"}), StateKind::kOwn);
}

TEST(Diagnosis, TakesWhatIsNotSavedWhereOnlyWhatFollowsFromGradientsDiffers) {
  EXPECT_EQ(cause_of({kWeight}, {StateKind::kOptimizer, StateKind::kDataOrder}),
            StateKind::kOptimizer);
  EXPECT_EQ(cause_of({kWeight, kMoment}, {StateKind::kGenerator, StateKind::kDataOrder}),
            StateKind::kGenerator);
  EXPECT_EQ(cause_of({kWeight, kMoment, kMean}, {StateKind::kDataOrder}), StateKind::kDataOrder);
  EXPECT_EQ(cause_of({kWeight, kMoment}), StateKind::kOwn);
  EXPECT_EQ(cause_of({kWeight, "gradients/net/weight", "modes/net/has_gradient"}), StateKind::kOwn);
}

TEST(Diagnosis, TakesAScheduleThatIsNotSavedForTheCauseOfAnotherRate) {
  EXPECT_EQ(cause_of({kWeight, kMoment, kRate}, {StateKind::kScheduler}), StateKind::kScheduler);
}

TEST(Diagnosis, SaysWhetherTheStateIsSaved) {
  EXPECT_TRUE(diagnose({"rng/cpu"}, all_but({})).is_saved);
  const Diagnosis missing = diagnose({kWeight}, all_but({StateKind::kGenerator}));
  EXPECT_FALSE(missing.is_saved);
  EXPECT_THAT(missing.hint, HasSubstr("add state.rng()"));
}

TEST(Diagnosis, HasAHintForEveryKind) {
  for (const char* const entry : {"data/a/b", "rng/cpu", "schedulers/a/b", "modes/a/training",
                                  "gradients/a/b", kCount, kMean, "user/a/b", "progress/a"})
    EXPECT_NE(diagnose({entry}, all_but({})).hint, "") << entry;
}

TEST(FirstCause, IsTheEarliestInTheOrderOfCauses) {
  EXPECT_EQ(first_cause({"progress/a", kMean, kWeight, kMoment, "rng/cpu"}), 4u);
  EXPECT_EQ(first_cause({kWeight, kMoment, kCount, kRate}), 2u);
  EXPECT_EQ(first_cause({kWeight, "models/net/parameters/bias"}), 0u);
}

TrialResult start(std::optional<std::int64_t> resumed_from, std::int64_t last, bool killed = true) {
  TrialResult start;
  start.resumed_from = resumed_from;
  start.last_step = last;
  start.killed = killed;
  start.outcome = {killed ? Verdict::kFailure : Verdict::kComplete, killed ? 137 : 0, ""};
  return start;
}

Proof proof_of(const std::vector<TrialResult>& starts, std::int64_t parting) {
  Proof proof;
  proof.starts = starts;
  proof.comparison.steps = {parting};
  Difference difference;
  difference.name = "rng/cpu";
  proof.comparison.parting = Parting{parting, {difference}, all_but({})};
  return proof;
}

TEST(Judgement, BlamesTheStartThatGotToTheStepInTheEnd) {
  const std::vector<TrialResult> starts = {start({}, 5), start(4, 9), start(8, 20, false)};
  const auto blamed = [&](std::int64_t step) {
    Proof proof = proof_of(starts, step);
    judge(start({}, 20, false), proof);
    return proof.difference->resumed_from;
  };
  EXPECT_EQ(blamed(4), std::nullopt);
  EXPECT_EQ(blamed(6), 4);
  EXPECT_EQ(blamed(8), 4);
  EXPECT_EQ(blamed(10), 8);
}

TEST(Judgement, BlamesNoResumeWhereAStartHadNothingToResumeFrom) {
  Proof proof = proof_of({start({}, 5), start({}, 20, false)}, 10);
  judge(start({}, 20, false), proof);
  EXPECT_EQ(proof.difference->resumed_from, std::nullopt);
  EXPECT_THAT(proof.difference->hint, HasSubstr("no resume is to blame"));
}

TEST(Judgement, TakesAnotherJournalForADifference) {
  Proof proof;
  proof.starts = {start({}, 5), start(4, 8, false)};
  proof.comparison.steps = {2, 4, 6, 8};
  proof.comparison.journal = JournalDifference{"metrics.csv", "line 3 differs"};
  judge(start({}, 8, false), proof);
  EXPECT_EQ(proof.finding, Finding::kNotExact);
  EXPECT_EQ(proof.difference->what, "metrics.csv");
  EXPECT_EQ(proof.difference->kind, "journal");
}

Proof proof_of_the_same(const std::vector<TrialResult>& starts,
                        const std::vector<std::int64_t>& steps) {
  Proof proof;
  proof.starts = starts;
  proof.comparison.steps = steps;
  return proof;
}

std::string reason_for_no_proof(Proof proof) {
  try {
    judge(start({}, proof.starts.back().end(), false), proof);
  } catch (const NoProof& none) {
    EXPECT_EQ(none.finding, Finding::kNotProven);
    return none.reason;
  }
  return "";
}

TEST(Judgement, FindsNothingProvenWhereNoCheckpointWasSavedAfterTheResume) {
  EXPECT_THAT(reason_for_no_proof(
                  proof_of_the_same({start({}, 1085), start(1000, 1099, false)}, {100, 500, 1000})),
              AllOf(HasSubstr("no checkpoint was saved after the resume from step 1000"),
                    HasSubstr("the last that both have is of step 1000")));
  EXPECT_THAT(reason_for_no_proof(
                  proof_of_the_same({start({}, 5), start({}, 7), start(6, 7, false)}, {2, 4, 6})),
              HasSubstr("after the resume from step 6"));
}

TEST(Judgement, TakesOneCheckpointBehindAResumeForAProof) {
  Proof proof = proof_of_the_same({start({}, 5), start(4, 7), start(6, 7, false)}, {2, 4, 6});
  judge(start({}, 7, false), proof);
  EXPECT_EQ(proof.finding, Finding::kExact);
}

TEST(Judgement, CountsTheCheckpointsThatEachStartHasSavedItself) {
  EXPECT_THAT(compared_checkpoints(proof_of_the_same(
                  {start({}, 5), start(4, 5), start(4, 9), start(8, 9, false)}, {2, 4, 6, 8})),
              ElementsAre(2, 0, 2, 0));
  EXPECT_THAT(compared_checkpoints(Proof()), IsEmpty());
}

TEST(Result, NamesAResumeThatNoCheckpointSpeaksFor) {
  Proof proof = proof_of_the_same({start({}, 5), start(4, 7), start(6, 7, false)}, {2, 4, 6});
  proof.finding = Finding::kExact;
  EXPECT_THAT(details_of(proof), HasSubstr("resumed from  step 4, step 6 (no checkpoint saved "
                                           "after it was compared)\n"));
}

// A checkpoint may be from anywhere; U+009B begins a sequence as ESC [ does.
TEST(Result, ShowsNamesAsTextThatATerminalDoesNotObey) {
  Proof proof = proof_of({start({}, 5), start(4, 8, false)}, 6);
  const std::string name =
      "user/\x1b[2J\xc2\x9b"
      "1m";
  proof.comparison.parting->differences[0].name = name;
  proof.comparison.parting->differences[0].problem = name;
  proof.comparison.journals = {name};
  judge(start({}, 8, false), proof);
  EXPECT_THAT(headline_of(proof), HasSubstr("user/\\x1b[2J\\xc2\\x9b1m"));
  for (const std::string& text : {headline_of(proof), details_of(proof)})
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x9b")))) << text;
}

TEST(StepsText, IsAListForPeople) {
  EXPECT_EQ(steps_text({3}), "step 3");
  EXPECT_EQ(steps_text({3, 7}), "steps 3 and 7");
  EXPECT_EQ(steps_text({3, 7, 12}), "steps 3, 7 and 12");
}

}  // namespace
}  // namespace holdfast::tool
