#include <holdfast/trainer/config.h>

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <holdfast/trainer/glob.h>
#include <holdfast/trainer/nearest.h>

#include "trainer/config_files.h"

namespace holdfast::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ConfigTest = holdfast::testing::ConfigTest;

const std::string kConfigs = std::string(HOLDFAST_SOURCE_DIR) + "/configs/";

TEST_F(ConfigTest, ReadsWhatIsWritten) {
  const Config config = load_small();
  EXPECT_EQ(config.run.dir, "runs/a");
  EXPECT_EQ(config.data.root, "data");
  ASSERT_EQ(config.models.size(), 1u);
  EXPECT_EQ(config.models[0].name, "mlp");
  EXPECT_THAT(config.models[0].layers, ElementsAre(4, 3, 2));
  EXPECT_EQ(config.train.epochs, 2);
}

TEST_F(ConfigTest, LeavesTheDefaultsOfWhatIsNotWritten) {
  const Config config = load_small();
  EXPECT_EQ(config.seed, 0);
  EXPECT_EQ(config.data.batch_size, 128);
  EXPECT_TRUE(config.checkpoint.async);
  EXPECT_EQ(config.checkpoint.keep_last, 3);
  EXPECT_EQ(config.resume.from, "auto");
}

TEST_F(ConfigTest, TakesEveryKeyThatScriptsRelyOn) {
  const Config config =
      load_small({"run.dir=runs/b", "seed=7", "data.root=other", "train.epochs=3",
                  "train.max_steps=10", "checkpoint.every_steps=5", "checkpoint.keep_last=2",
                  "checkpoint.shards=4", "checkpoint.async=false"});
  EXPECT_EQ(config.run.dir, "runs/b");
  EXPECT_EQ(config.seed, 7);
  EXPECT_EQ(config.data.root, "other");
  EXPECT_EQ(config.train.epochs, 3);
  EXPECT_EQ(config.train.max_steps, 10);
  EXPECT_EQ(config.checkpoint.every_steps, 5);
  EXPECT_EQ(config.checkpoint.keep_last, 2);
  EXPECT_EQ(config.checkpoint.shards, 4);
  EXPECT_FALSE(config.checkpoint.async);
}

TEST_F(ConfigTest, TheLastOverrideOfAKeyWins) {
  EXPECT_EQ(load_small({"seed=1", "seed=2"}).seed, 2);
}

TEST_F(ConfigTest, AnOverrideMayHoldAListAndMayHoldAnEqualsSign) {
  const Config config = load_small({"models.mlp.layers=[8, 2]", "run.dir=runs/lr=1"});
  EXPECT_THAT(config.models[0].layers, ElementsAre(8, 2));
  EXPECT_EQ(config.run.dir, "runs/lr=1");
}

TEST_F(ConfigTest, AnOverrideReachesIntoAList) {
  const Config config = load_small(
      {"optimizers.adam.groups=[{match: a}, {match: b}]", "optimizers.adam.groups.1.lr=0.5"});
  EXPECT_EQ(config.optimizers[0].groups[1].options.lr, 0.5);
}

TEST_F(ConfigTest, AnOverrideMakesTheSectionsItNeeds) {
  const Config config =
      load_small({"schedules.decay.type=constant", "schedules.decay.optimizer=adam"});
  ASSERT_EQ(config.schedules.size(), 1u);
  EXPECT_EQ(config.schedules[0].optimizer, "adam");
}

TEST_F(ConfigTest, ANumberIsTextWhereTextIsExpected) {
  EXPECT_EQ(load_small({"run.dir=2026"}).run.dir, "2026");
}

TEST_F(ConfigTest, OneNameStandsForAListOfOne) {
  EXPECT_THAT(load_small({"optimizers.adam.models=mlp"}).optimizers[0].models, ElementsAre("mlp"));
}

TEST_F(ConfigTest, ASectionWithNothingInItIsEmpty) {
  EXPECT_THAT(load_small({"schedules=", "checkpoint="}).schedules, IsEmpty());
}

TEST_F(ConfigTest, KeepsTheOrderOfTheModels) {
  const Config config = load_small(
      {"models.z={type: average, average_of: mlp}", "models.a={type: average, average_of: mlp}"});
  EXPECT_THAT(metric_names(config),
              ElementsAre("mlp/test_loss", "mlp/test_accuracy", "z/test_loss", "z/test_accuracy",
                          "a/test_loss", "a/test_accuracy"));
}

TEST_F(ConfigTest, DefaultOptionsAreThoseOfTheOptimizersType) {
  EXPECT_EQ(load_small({"optimizers.adam.type=adamw"}).optimizers[0].options.weight_decay, 1e-2);
  EXPECT_EQ(load_small({"optimizers.adam.type=adagrad"}).optimizers[0].options.eps, 1e-10);
  EXPECT_EQ(load_small({"optimizers.adam.type=rmsprop"}).optimizers[0].options.lr, 1e-2);
  EXPECT_EQ(load_small().optimizers[0].options.lr, 1e-3);
}

TEST_F(ConfigTest, AGroupHasTheOptionsOfItsOptimizerUnlessItNamesItsOwn) {
  const Config config = load_small({"optimizers.adam.lr=0.5", "optimizers.adam.eps=0.25",
                                    "optimizers.adam.groups=[{match: '*.bias', lr: 0.125}]"});
  const OptimizerOptions& options = config.optimizers[0].groups[0].options;
  EXPECT_EQ(options.lr, 0.125);
  EXPECT_EQ(options.eps, 0.25);
}

TEST_F(ConfigTest, EvaluatesAllModelsThatAreNotFrozenByDefault) {
  const Config config = load_small({"models.ema={type: average, average_of: mlp}",
                                    "models.old={type: mlp, layers: [4, 2], frozen: true}"});
  EXPECT_THAT(config.train.evaluate, ElementsAre("mlp", "ema"));
  EXPECT_EQ(config.checkpoint.metric, "mlp/test_accuracy");
}

TEST_F(ConfigTest, AModelHasTheSameNameInTheCheckpointItStartsFromUnlessAnotherIsGiven) {
  EXPECT_EQ(load_small({"models.mlp.from=runs/b"}).models[0].from_model, "mlp");
  EXPECT_EQ(load_small({"models.mlp.from=runs/b", "models.mlp.from_model=c"}).models[0].from_model,
            "c");
}

TEST(Flatten, WritesEveryValueAsText) {
  Config config;
  config.run.dir = "runs/a";
  config.data.mean = 0.1;
  config.models = {ModelConfig{}};
  config.models[0].name = "mlp";
  config.models[0].layers = {4, 3, 2};
  const auto flat = flatten(config);
  EXPECT_EQ(flat.at("run.dir"), "runs/a");
  EXPECT_EQ(flat.at("data.mean"), "0.1");
  EXPECT_EQ(flat.at("models.mlp.layers"), "[4, 3, 2]");
  EXPECT_EQ(flat.at("models.mlp.activation"), "relu");
  EXPECT_EQ(flat.at("checkpoint.async"), "true");
  EXPECT_EQ(flat.at("checkpoint.every_steps"), "0");
}

TEST_F(ConfigTest, FlatteningHoldsTheOptionsOfTheTypeAndNoOthers) {
  const auto flat = flatten(load_small({"optimizers.adam.groups=[{match: 'fc1.*'}]"}));
  EXPECT_EQ(flat.at("optimizers.adam.beta2"), "0.999");
  EXPECT_EQ(flat.at("optimizers.adam.groups.0.match"), "fc1.*");
  EXPECT_EQ(flat.at("optimizers.adam.groups.0.lr"), "0.001");
  EXPECT_EQ(flat.count("optimizers.adam.momentum"), 0u);
}

TEST_F(ConfigTest, FlatteningTheSameFileTwiceGivesTheSame) {
  EXPECT_EQ(flatten(load_small()), flatten(load_small()));
  EXPECT_NE(flatten(load_small()), flatten(load_small({"seed=1"})));
}

TEST(ShippedConfigs, AllLoad) {
  std::set<std::string> loaded;
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs)) {
    EXPECT_NO_THROW(load_config(entry.path().string())) << entry.path();
    loaded.insert(entry.path().filename().string());
  }
  EXPECT_THAT(loaded, ElementsAre("distill.yaml", "mlp-ema.yaml", "mlp.yaml", "smoke.yaml"));
}

TEST(ShippedConfigs, TheDistilledTeacherIsTheModelOfMlpYaml) {
  const Config teacher_run = load_config(kConfigs + "mlp.yaml");
  const Config config = load_config(kConfigs + "distill.yaml");
  const ModelConfig& teacher = *find_model(config, "teacher");
  const ModelConfig* original = find_model(teacher_run, teacher.from_model);
  ASSERT_NE(original, nullptr);
  EXPECT_EQ(teacher.layers, original->layers);
  EXPECT_EQ(teacher.activation, original->activation);
  EXPECT_EQ(teacher.batch_norm, original->batch_norm);
}

// The last components of all keys that any configuration can have.
std::set<std::string> all_keys() {
  Config config;
  for (const auto type : {ModelType::kMlp, ModelType::kAverage}) {
    config.models.emplace_back();
    config.models.back().name = "m" + std::to_string(config.models.size());
    config.models.back().type = type;
  }
  for (int type = 0; type <= static_cast<int>(OptimizerType::kAdagrad); ++type) {
    config.optimizers.emplace_back();
    config.optimizers.back().name = "o" + std::to_string(type);
    config.optimizers.back().type = static_cast<OptimizerType>(type);
    config.optimizers.back().groups.resize(1);
  }
  for (int type = 0; type <= static_cast<int>(ScheduleType::kPlateau); ++type) {
    config.schedules.emplace_back();
    config.schedules.back().name = "s" + std::to_string(type);
    config.schedules.back().type = static_cast<ScheduleType>(type);
  }
  std::set<std::string> keys;
  for (const auto type : {ObjectiveType::kClassify, ObjectiveType::kDistill}) {
    config.train.objective.type = type;
    for (const auto& entry : flatten(config))
      keys.insert(entry.first.substr(entry.first.rfind('.') + 1));
  }
  return keys;
}

bool explains(const std::string& yaml, const std::string& key) {
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    const auto start = line.find_first_not_of(" #-");
    if (start != std::string::npos && line.compare(start, key.size() + 1, key + ":") == 0)
      return true;
  }
  return false;
}

TEST(ShippedConfigs, MlpYamlExplainsEveryKey) {
  std::ostringstream yaml;
  yaml << std::ifstream(kConfigs + "mlp.yaml").rdbuf();
  for (const std::string& key : all_keys()) EXPECT_TRUE(explains(yaml.str(), key)) << key;
}

TEST(Glob, AStarTakesAnyCharactersAndAQuestionMarkTakesOne) {
  EXPECT_TRUE(glob_matches("*.bias", "fc1.bias"));
  EXPECT_TRUE(glob_matches("fc?.*", "fc1.weight"));
  EXPECT_TRUE(glob_matches("*a*b", "xaxbxab"));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_TRUE(glob_matches("**", ""));
  EXPECT_FALSE(glob_matches("fc1", "fc1.bias"));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_FALSE(glob_matches("*.bias", "fc1.weight"));
}

TEST(Glob, IsQuickHoweverManyStarsThereAre) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("epoch", {"threads", "epochs"}), "epochs");
  EXPECT_EQ(nearest("tpye", {"type", "match"}), "type");
  EXPECT_EQ(nearest("zebra", {"type", "match"}), "");
  EXPECT_EQ(nearest(std::string(1 << 20, 'a'), {"type"}), "");
}

}  // namespace
}  // namespace holdfast::trainer
