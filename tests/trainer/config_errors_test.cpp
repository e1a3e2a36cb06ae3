#include <gmock/gmock.h>

#include <sys/stat.h>

#include <filesystem>

#include "trainer/config_files.h"

namespace holdfast::trainer {
namespace {

using holdfast::testing::error_of;
using holdfast::testing::kSmallConfig;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ConfigErrors = holdfast::testing::ConfigTest;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(ConfigErrors, AnUnknownKeyNamesFileLineKeyAndTheNearestOne) {
  EXPECT_EQ(complaint(replaced(kSmallConfig, "  epochs: 2", "  epoch: 2")),
            "a.yaml:11: unknown key 'train.epoch': expected one of epochs, max_steps, threads, "
            "log_every_steps, evaluate_every_steps, evaluate_every_epochs, evaluate, "
            "on_nonfinite_loss, objective; did you mean 'train.epochs'?");
}

TEST_F(ConfigErrors, AnUnknownKeyThatIsNearNothingStillNamesTheKeys) {
  EXPECT_EQ(complaint(std::string(kSmallConfig) + "zebra: 1\n"),
            "a.yaml:13: unknown key 'zebra': expected one of run, seed, data, models, optimizers, "
            "schedules, train, checkpoint, resume");
}

TEST_F(ConfigErrors, AMisspeltRequiredKeyIsUnknownAndNotMissing) {
  EXPECT_THAT(complaint(replaced(kSmallConfig, "{dir:", "{dri:")),
              StartsWith("a.yaml:1: unknown key 'run.dri'"));
}

TEST_F(ConfigErrors, AKeyOfAnotherTypeOfOptimizerIsUnknown) {
  EXPECT_THAT(complaint_about("optimizers.adam.momentum=0.9"),
              HasSubstr("unknown key 'optimizers.adam.momentum'"));
}

TEST_F(ConfigErrors, AnOptionOfTheWholeOptimizerIsNoKeyOfAGroup) {
  EXPECT_THAT(complaint(kSmallConfig,
                        {"optimizers.adam.type=adagrad",
                         "optimizers.adam.groups=[{match: a, initial_accumulator_value: 1}]"}),
              HasSubstr("unknown key 'optimizers.adam.groups.0.initial_accumulator_value'"));
}

TEST_F(ConfigErrors, AWrongTypeNamesWhatWasExpectedAndFound) {
  EXPECT_EQ(complaint(replaced(kSmallConfig, "epochs: 2", "epochs: two")),
            "a.yaml:11: wrong value of 'train.epochs': expected an integer from 0 to 1000000000, "
            "found 'two'");
  EXPECT_THAT(complaint_about("seed=1.5"), HasSubstr("found '1.5'"));
  EXPECT_THAT(complaint_about("seed=\"1\""), HasSubstr("found the text \"1\""));
  EXPECT_THAT(complaint_about("seed=[1]"), HasSubstr("found a list"));
  EXPECT_THAT(complaint_about("seed="), HasSubstr("found nothing"));
  EXPECT_THAT(complaint_about("run={dir: {a: 1}}"), HasSubstr("found a mapping"));
  EXPECT_THAT(complaint_about("checkpoint.async=yes"), HasSubstr("expected true or false"));
  EXPECT_THAT(complaint_about("models.mlp.layers=784"), HasSubstr("expected a list of integers"));
  EXPECT_THAT(complaint_about("models.mlp.layers=[4, x]"), HasSubstr("'models.mlp.layers.1'"));
  EXPECT_THAT(complaint_about("train.evaluate={a: 1}"), HasSubstr("expected a list of texts"));
  EXPECT_THAT(complaint_about("train=5"), HasSubstr("expected a mapping of keys to values"));
  EXPECT_THAT(complaint_about("optimizers.adam.groups={a: 1}"),
              HasSubstr("expected a list of mappings"));
}

TEST_F(ConfigErrors, AnUnknownChoiceNamesTheChoices) {
  EXPECT_EQ(
      complaint_about("models.mlp.activation=rleu"),
      "--set models.mlp.activation=rleu: wrong value of 'models.mlp.activation': expected one "
      "of relu, leaky_relu, gelu, silu, tanh, sigmoid, found 'rleu'; did you mean 'relu'?");
}

TEST_F(ConfigErrors, AValueOutOfRangeNamesTheRange) {
  EXPECT_THAT(complaint_about("seed=-1"),
              HasSubstr("expected an integer of 0 or more, found '-1'"));
  EXPECT_THAT(complaint_about("seed=99999999999999999999"), HasSubstr("an integer of 0 or more"));
  EXPECT_THAT(complaint_about("data.batch_size=0"), HasSubstr("an integer from 1 to"));
  EXPECT_THAT(complaint_about("checkpoint.shards=0"), HasSubstr("an integer from 1 to 1024"));
  EXPECT_THAT(complaint_about("models.mlp.dropout=1"), HasSubstr("expected a number in [0, 1)"));
  EXPECT_THAT(complaint_about("data.stddev=0"), HasSubstr("expected a number above 0, found '0'"));
  EXPECT_THAT(complaint_about("optimizers.adam.lr=-1"), HasSubstr("a number not below 0"));
  EXPECT_THAT(complaint_about("data.mean=nan"), HasSubstr("expected a number, found 'nan'"));
  EXPECT_THAT(complaint_about("data.mean=inf"), HasSubstr("expected a number, found 'inf'"));
}

TEST_F(ConfigErrors, AMissingKeyIsNamedWhereItShouldBe) {
  EXPECT_EQ(complaint(replaced(kSmallConfig, "  root: data", "  batch_size: 5")),
            "a.yaml:2: the key 'data.root' is missing: expected text");
  EXPECT_THAT(complaint(""), HasSubstr("the key 'run.dir' is missing"));
  EXPECT_THAT(complaint_about("models.b.dropout=0"), HasSubstr("'models.b.type' is missing"));
}

TEST_F(ConfigErrors, AKeyThatIsThereTwiceNamesBothLines) {
  EXPECT_EQ(complaint(replaced(kSmallConfig, "  root: data", "  root: data\n  root: data")),
            "a.yaml:4: the key 'data.root' is there twice: the first at a.yaml:3; remove one of "
            "them");
}

TEST_F(ConfigErrors, ANameIsPlain) {
  EXPECT_THAT(complaint(replaced(kSmallConfig, "  mlp:", "  m.lp:")),
              HasSubstr("not a name for one of 'models': expected letters, digits, '_' and '-', "
                        "found 'm.lp'"));
}

TEST_F(ConfigErrors, AnOverrideIsNamedAsItWasGiven) {
  EXPECT_THAT(complaint_about("train.epochs=two"),
              StartsWith("--set train.epochs=two: wrong value of 'train.epochs'"));
  EXPECT_THAT(complaint_about("train.epoch=2"),
              AllOf(StartsWith("--set train.epoch=2: unknown key 'train.epoch'"),
                    HasSubstr("did you mean 'train.epochs'?")));
  EXPECT_THAT(complaint_about("optimizers.adam.models=[x]"),
              StartsWith("--set optimizers.adam.models=[x]: "));
}

TEST_F(ConfigErrors, AnOverrideThatIsNoAssignmentIsRefused) {
  EXPECT_EQ(complaint_about("seed"), "--set seed: not an assignment: expected key=value");
  EXPECT_EQ(complaint_about("=1"), "--set =1: not an assignment: expected key=value");
}

TEST_F(ConfigErrors, AnOverrideThatLeadsThroughAValueIsRefused) {
  EXPECT_THAT(complaint_about("run.dir.x=1"), HasSubstr("no key 'run.dir.x'"));
  EXPECT_THAT(complaint_about("models.mlp.layers.3=1"), HasSubstr("expected an index below 3"));
  EXPECT_THAT(complaint_about("models.mlp.layers.x=1"), HasSubstr("expected an index below 3"));
  EXPECT_THAT(complaint_about("run..dir=1"), HasSubstr("unknown key"));
}

TEST_F(ConfigErrors, BrokenYamlNamesTheLine) {
  EXPECT_THAT(complaint("run:\n  dir: 'a\n"), StartsWith("a.yaml:"));
  EXPECT_THAT(complaint("run:\n  dir: a\n b: c\n"), StartsWith("a.yaml:3: not valid YAML: "));
  EXPECT_THAT(complaint_about("seed=}"), StartsWith("--set seed=}: not valid YAML: "));
}

TEST_F(ConfigErrors, OneDocumentOfPlainMappingsIsAllThereIs) {
  EXPECT_THAT(complaint("a: 1\n---\nb: 2\n"), HasSubstr("found a second document"));
  EXPECT_THAT(complaint("just text\n"), HasSubstr("expected a mapping of keys to values"));
  EXPECT_THAT(complaint("- a\n- b\n"), HasSubstr("found a list"));
  EXPECT_THAT(complaint("[a, b]: 1\n"), HasSubstr("as a key"));
  EXPECT_THAT(complaint("~: 1\n"), HasSubstr("an empty key"));
  EXPECT_THAT(complaint("seed: !!int 1\n"), HasSubstr("found the tag"));
}

TEST_F(ConfigErrors, AliasesAreRefusedSoThatNothingCanGrowByThem) {
  EXPECT_THAT(complaint("a: &x [1]\n"), StartsWith("a.yaml:1: "));
  EXPECT_THAT(complaint("a: &x [1]\n"), HasSubstr("found an anchor; write the value out"));
}

TEST_F(ConfigErrors, DeepNestingIsRefusedAtOnce) {
  for (const char* opening : {"[", "{", "- ", "? ", "[{", "a: {"}) {
    std::string yaml;
    while (yaml.size() < 200'000) yaml += opening;
    EXPECT_THAT(complaint(yaml), StartsWith("a.yaml:")) << opening;
  }
  EXPECT_THAT(complaint("a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n"),
              HasSubstr("found more than 16 levels of nesting"));
}

TEST_F(ConfigErrors, WhatIsNotUtf8TextIsRefused) {
  EXPECT_EQ(complaint(std::string("run:\0", 5)),
            "a.yaml: not a text file: expected YAML in UTF-8, found the byte 0 at offset 4; name a "
            "configuration, and save it as UTF-8");
  EXPECT_THAT(complaint("run: {dir: caf\xE9}\n"), HasSubstr("found the byte 233 at offset 14"));
  EXPECT_THAT(complaint("\xC0\xAF"), HasSubstr("found the byte 192"));          // overlong
  EXPECT_THAT(complaint("\xED\xA0\x80"), HasSubstr("found the byte 237"));      // a surrogate
  EXPECT_THAT(complaint("\xF4\x90\x80\x80"), HasSubstr("found the byte 244"));  // past the last
  EXPECT_THAT(complaint("a\xE2\x82"), HasSubstr("found the byte 226 at offset 1"));
  EXPECT_EQ(load_small({"run.dir=caf\xC3\xA9"}).run.dir, "caf\xC3\xA9");
}

TEST_F(ConfigErrors, AFileThatIsTooLargeIsRefused) {
  EXPECT_THAT(complaint("# " + std::string(1 << 20, 'x')), HasSubstr("found a larger file"));
}

TEST_F(ConfigErrors, AFileThatIsNotThereIsNotFound) {
  const Error error = error_of([&] { load_config(path() + ".not"); });
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_EQ(error.path(), path() + ".not");
}

TEST_F(ConfigErrors, ADirectoryAndAPipeAreNoConfiguration) {
  std::filesystem::create_directory(path());
  EXPECT_THAT(error_of([&] { load_config(path()); }).what(), HasSubstr("found a directory"));
  const std::string pipe = path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { load_config(pipe); }).what(), HasSubstr("found a special file"));
}

// Keys that do not fit together.

TEST_F(ConfigErrors, NamesReferToWhatIsThere) {
  EXPECT_EQ(complaint_about("optimizers.adam.models=[mpl]"),
            "--set optimizers.adam.models=[mpl]: 'optimizers.adam.models': no such model: expected "
            "one of mlp, found 'mpl'; did you mean 'mlp'?");
  EXPECT_THAT(complaint_about("schedules.s={type: constant, optimizer: adma}"),
              HasSubstr("'schedules.s.optimizer': no such optimizer: expected one of adam"));
  EXPECT_THAT(complaint_about("train.evaluate=[x]"), HasSubstr("no such model"));
  EXPECT_THAT(complaint_about("train.objective.models=[x]"), HasSubstr("no such model"));
  EXPECT_THAT(complaint_about("checkpoint.metric=accuracy"),
              HasSubstr("no such metric: expected one of mlp/test_loss, mlp/test_accuracy"));
  EXPECT_THAT(complaint_about("models.e={type: average, average_of: x}"),
              HasSubstr("no such model"));
}

TEST_F(ConfigErrors, ErrorsThatAreFoundLaterStillNameTheLine) {
  EXPECT_THAT(complaint(replaced(kSmallConfig, "models: [mlp]\ntrain", "models: [x]\ntrain")),
              StartsWith("a.yaml:9: 'optimizers.adam.models': no such model"));
}

TEST_F(ConfigErrors, AModelHasAnInputAndAnOutput) {
  EXPECT_THAT(complaint_about("models.mlp.layers=[784]"), HasSubstr("too few sizes"));
  EXPECT_THAT(complaint_about("models.mlp.layers=[]"), HasSubstr("too few sizes"));
  EXPECT_THAT(complaint_about("models={}"), HasSubstr("no model"));
}

TEST_F(ConfigErrors, ANameInACheckpointNeedsACheckpoint) {
  EXPECT_THAT(complaint_about("models.mlp.from_model=other"), HasSubstr("nothing to load it from"));
}

TEST_F(ConfigErrors, BatchNormNeedsBatchesOfTwo) {
  EXPECT_THAT(complaint(kSmallConfig, {"models.mlp.batch_norm=true", "data.batch_size=1"}),
              HasSubstr("too small for the batch norm of 'mlp'"));
}

TEST_F(ConfigErrors, EachModelThatLearnsHasOneOptimizer) {
  EXPECT_THAT(complaint_about("optimizers.b={type: adam, models: [mlp]}"),
              HasSubstr("'mlp' has an optimizer already"));
  EXPECT_THAT(complaint_about("optimizers.adam.models=[mlp, mlp]"), HasSubstr("listed twice"));
  EXPECT_THAT(complaint_about("optimizers.adam.models=[]"), HasSubstr("an empty list"));
  EXPECT_THAT(complaint_about("optimizers={}"), HasSubstr("nothing trains 'mlp'"));
}

TEST_F(ConfigErrors, AnOptimizerTrainsNothingThatTheObjectiveLeavesAlone) {
  EXPECT_THAT(complaint(kSmallConfig, {"models.b={type: mlp, layers: [4, 2]}",
                                       "optimizers.adam.models=[mlp, b]"}),
              HasSubstr("the objective does not train 'b'"));
}

TEST_F(ConfigErrors, AveragesAndFrozenModelsDoNotLearn) {
  EXPECT_THAT(complaint_about("models.mlp.frozen=true"), HasSubstr("'mlp' is frozen"));
  EXPECT_THAT(complaint(kSmallConfig, {"models.e={type: average, average_of: mlp}",
                                       "optimizers.adam.models=[e]"}),
              HasSubstr("'e' is a moving average"));
  EXPECT_THAT(complaint_about("models.e={type: average, average_of: e}"),
              HasSubstr("'e' is a moving average"));
}

TEST_F(ConfigErrors, ATeacherIsFrozenAndFitsItsStudent) {
  const std::string distill = "train.objective={type: distill, teacher: t, student: mlp}";
  EXPECT_THAT(complaint(kSmallConfig, {distill, "models.t={type: mlp, layers: [4, 2]}"}),
              HasSubstr("'t' learns: expected a model with 'frozen: true'"));
  EXPECT_THAT(
      complaint(kSmallConfig, {distill, "models.t={type: mlp, layers: [4, 9], frozen: true}"}),
      HasSubstr("teacher and student differ"));
  EXPECT_NO_THROW(load_small({distill, "models.t={type: mlp, layers: [4, 9, 2], frozen: true}"}));
}

TEST_F(ConfigErrors, AnOptimizerHasOneSchedule) {
  EXPECT_THAT(complaint(kSmallConfig, {"schedules.a={type: constant, optimizer: adam}",
                                       "schedules.b={type: constant, optimizer: adam}"}),
              HasSubstr("'adam' has a schedule already"));
}

TEST_F(ConfigErrors, APlateauNeedsEvaluations) {
  const std::string plateau =
      "schedules.a={type: plateau, optimizer: adam, metric: mlp/test_loss, direction: min}";
  EXPECT_THAT(complaint(kSmallConfig, {plateau, "train.evaluate_every_epochs=0"}),
              HasSubstr("waits for evaluations, and there are none"));
  EXPECT_NO_THROW(load_small({plateau}));
}

TEST_F(ConfigErrors, TheBestCheckpointsNeedEvaluations) {
  EXPECT_THAT(complaint(kSmallConfig, {"checkpoint.keep_best=1", "train.evaluate_every_epochs=0"}),
              HasSubstr("'checkpoint.keep_best': waits for evaluations"));
}

TEST_F(ConfigErrors, ACosineIsLongerThanItsWarmUp) {
  EXPECT_THAT(complaint_about(
                  "schedules.a={type: cosine, optimizer: adam, warmup_steps: 9, total_steps: 9}"),
              HasSubstr("no step is left after the warm-up"));
}

TEST_F(ConfigErrors, NesterovNeedsMomentum) {
  EXPECT_THAT(complaint_about("optimizers.adam={type: sgd, models: mlp, nesterov: true}"),
              HasSubstr("needs momentum without dampening"));
  EXPECT_THAT(complaint_about("optimizers.adam={type: sgd, models: mlp, momentum: 0.9, nesterov: "
                              "true, groups: [{match: a, momentum: 0}]}"),
              HasSubstr("'optimizers.adam.groups.0.nesterov'"));
}

TEST_F(ConfigErrors, ARunHasALength) {
  EXPECT_THAT(complaint_about("train.epochs=0"), HasSubstr("the run has no length"));
  EXPECT_NO_THROW(load_small({"train.epochs=0", "train.max_steps=1"}));
}

}  // namespace
}  // namespace holdfast::trainer
