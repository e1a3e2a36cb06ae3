// What a person sees who gives the mlp program bad input.
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "mlp_fixture.h"

namespace holdfast {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

class MlpErrors : public testing::MlpTest {
 protected:
  MlpErrors() { common_ = {"train.max_steps=20", "data.train_limit=640", "data.test_limit=100"}; }
};

TEST_F(MlpErrors, BadUsageShowsHowItIsUsed) {
  expect_refused(testing::run_process({MLP_PROGRAM}), kBadUsage,
                 {"--config is missing", "usage: mlp"});
  expect_refused(testing::run_process({MLP_PROGRAM, "--confg"}), kBadUsage,
                 {"'--confg'", "usage: mlp"});
  expect_refused(testing::run_process({MLP_PROGRAM, "--config"}), kBadUsage,
                 {"--config needs a value"});
}

TEST_F(MlpErrors, AMissingConfigurationIsNamed) {
  expect_refused(testing::run_process({MLP_PROGRAM, "--config", "no/such.yaml"}), kBadUsage,
                 {"no/such.yaml"});
}

TEST_F(MlpErrors, WhatItIsGivenReachesNoTerminalAsItIs) {
  const std::string bad = "a\x1b[2Jb\xc2\x9b", shown = "a\\x1b[2Jb\\xc2\\x9b";
  for (const auto& finished :
       {testing::run_process({MLP_PROGRAM, bad}),
        testing::run_process({MLP_PROGRAM, "--config", bad}), train("run", {bad + "=1"}),
        train("run", {"train." + bad + "=1"}), train("run", {"data.root=/" + bad})}) {
    expect_refused(finished, kBadUsage, {shown});
    EXPECT_EQ(finished.output.find('\x1b'), std::string::npos) << shown;
    EXPECT_EQ(finished.output.find("\xc2\x9b"), std::string::npos) << shown;
  }
}

TEST_F(MlpErrors, AnUnknownKeyIsNamedWithTheNearestOne) {
  expect_refused(train("run", {"train.epoch=3"}), kBadUsage, {"train.epoch", "train.epochs"});
}

TEST_F(MlpErrors, AMissingDataSetIsNamedWithTheWayToGetIt) {
  expect_refused(train("run", {"data.root=/no/such/data"}), kBadUsage,
                 {"/no/such/data", "dataset-fashion-mnist"});
  EXPECT_TRUE(steps("run").empty());
}

TEST_F(MlpErrors, ALayerThatDoesNotFitTheDataIsNamed) {
  expect_refused(train("run", {"models.mlp.layers=[100, 10]"}), kBadUsage,
                 {"models.mlp.layers", "784 inputs"});
}

TEST_F(MlpErrors, AnotherModelIsRefusedAndNothingIsLost) {
  expect_trained("run");
  const auto finished = train("run", {"models.mlp.layers=[784, 32, 10]", "train.max_steps=30"});
  expect_refused(finished, kBadUsage, {"models.mlp.layers", "[784, 64, 10]", "[784, 32, 10]"});
  EXPECT_EQ(steps("run").back(), 20);
  EXPECT_FALSE(std::filesystem::exists(run_path("run") + "/quarantine"));
}

TEST_F(MlpErrors, AnotherModelThatWasAllowedByNameIsListedTensorByTensor) {
  expect_trained("run");
  const auto finished = train("run", {"models.mlp.layers=[784, 32, 10]", "train.max_steps=30",
                                      "resume.allow_changes=['*']"});
  expect_refused(finished, kBadUsage,
                 {"models/mlp/parameters/fc1.weight", "[64, 784]", "[32, 784]",
                  "models/mlp/parameters/fc2.weight"});
}

TEST_F(MlpErrors, AnotherSeedIsRefused) {
  expect_trained("run");
  expect_refused(train("run", {"seed=7", "train.max_steps=30"}), kBadUsage, {"seed", "7"});
}

TEST_F(MlpErrors, AResumeFromNowhereIsAnErrorAndNoFreshStart) {
  expect_refused(train("run", {}, run_path("nowhere")), kBadUsage, {"nowhere"});
  EXPECT_FALSE(std::filesystem::exists(run_path("run")));
  std::filesystem::create_directory(run_path("empty"));
  expect_refused(train("run", {}, run_path("empty")), kBadUsage,
                 {"neither a checkpoint nor a run", "step-"});
  expect_trained("other");
  expect_refused(train("run", {}, run_path("other") + "@paper"), kBadUsage, {"no tag 'paper'"});
  expect_refused(train("run", {}, run_path("other") + "@7"), kBadUsage,
                 {"no checkpoint of step 7"});
  EXPECT_FALSE(std::filesystem::exists(run_path("run")));
}

TEST_F(MlpErrors, ResumeNeverRefusesARunThatHasCheckpoints) {
  expect_trained("run");
  expect_refused(train("run", {}, "never"), kBadUsage, {"has checkpoints", "step 20"});
}

TEST_F(MlpErrors, AnAlteredShardIsQuarantinedAndTheNextOlderTaken) {
  common_.push_back("checkpoint.every_steps=5");
  expect_trained("twin", {"train.max_steps=30"});
  expect_trained("run");
  const std::string shard = checkpoint_path("run", 20) + "/shard-00001-of-00002.h5";
  std::fstream(shard, std::ios::in | std::ios::out | std::ios::binary).seekp(70'000).put('?');
  const auto finished = train("run", {"train.max_steps=30"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_THAT(finished.output, ::testing::HasSubstr("quarantine"));
  EXPECT_THAT(finished.output, ::testing::HasSubstr("resuming from step 15"));
  expect_same_bits("run", "twin");
}

TEST_F(MlpErrors, ATruncatedShardIsQuarantinedToo) {
  common_.push_back("checkpoint.every_steps=5");
  expect_trained("run");
  std::filesystem::resize_file(checkpoint_path("run", 20) + "/shard-00000-of-00002.h5", 100);
  const auto finished = train("run", {"train.max_steps=30"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_TRUE(
      std::filesystem::exists(run_path("run") + "/quarantine/" + format::step_directory_name(20)));
}

TEST_F(MlpErrors, ARunWithoutASoundCheckpointDoesNotStartFromZero) {
  common_.push_back("checkpoint.keep_last=1");
  expect_trained("run");
  std::filesystem::resize_file(checkpoint_path("run", 20) + "/shard-00000-of-00002.h5", 100);
  expect_refused(train("run"), kFailed, {"none of them is sound"});
  expect_refused(train("run"), kFailed, {"none of them is sound"});  // nor at the next try
}

TEST_F(MlpErrors, AManifestOfANewerVersionIsAnErrorAndMovesNothing) {
  expect_trained("run");
  const std::string path = checkpoint_path("run", 20) + "/manifest.json";
  std::string text = testing::read_file(path);
  const std::string version = "\"version\": 2,", digest = "\"digest\":\"";
  ASSERT_NE(text.find(version), std::string::npos);
  text.replace(text.find(version), version.size(), "\"version\": 9,");
  text.erase(text.rfind(digest));
  text += digest + digest_of(ByteView(text)).hex() + "\"}\n";
  std::ofstream(path, std::ios::binary) << text;
  expect_refused(train("run"), kBadUsage, {"manifest.json", "9"});
  EXPECT_EQ(steps("run").back(), 20);
}

TEST_F(MlpErrors, AStepThatIsAFileIsNamed) {
  std::filesystem::create_directories(run_path("run") + "/checkpoints");
  std::ofstream(checkpoint_path("run", 10)) << "not a directory";
  expect_refused(train("run"), kBadUsage, {format::step_directory_name(10)});
}

TEST_F(MlpErrors, ARunDirectoryThatIsAFileIsNamed) {
  std::ofstream(run_path("run")) << "not a directory";
  expect_refused(train("run"), kBadUsage, {run_path("run")});
}

TEST_F(MlpErrors, ARunDirectoryThatCannotBeWrittenIsNamed) {
  expect_refused(train("run", {"run.dir=/proc/holdfast"}), kBadUsage, {"/proc/holdfast"});
}

// A file size limit: the disk of a user with a quota, as far as a program sees it.
TEST_F(MlpErrors, AFullDiskStopsTheRunWithItsCauseAndTheNextTryGoesOn) {
  common_.push_back("checkpoint.every_steps=5");
  expect_trained("twin");
  expect_trained("run", {"train.max_steps=10"});
  std::vector<std::string> limited = {"/bin/sh", "-c", "ulimit -f 100 && exec \"$@\"", "sh"};
  for (const std::string& word : command("run", {})) limited.push_back(word);
  expect_refused(testing::run_process(limited), kFailed,
                 {"shard-0000", "File too large", "disk space"});
  EXPECT_EQ(steps("run").back(), 10);
  const std::filesystem::directory_iterator left(run_path("run") + "/checkpoints");
  EXPECT_EQ(std::distance(left, std::filesystem::directory_iterator()), 2);
  expect_trained("run");
  expect_same_bits("run", "twin");
}

TEST_F(MlpErrors, AFullDiskDoesNotStopARunThatWasToldToContinueButItIsNotDoneThen) {
  std::vector<std::string> limited = {"/bin/sh", "-c", "ulimit -f 100 && exec \"$@\"", "sh"};
  for (const std::string& word : command("run", {"checkpoint.on_error=continue"}))
    limited.push_back(word);
  const auto finished = testing::run_process(limited);
  expect_refused(finished, kFailed, {"File too large", "step 20/20", "its last step is not saved"});
  EXPECT_TRUE(steps("run").empty());
}

TEST_F(MlpErrors, AFinishedRunIsDone) {
  expect_trained("run");
  expect_trained("run");
  EXPECT_EQ(steps("run").back(), 20);
}

}  // namespace
}  // namespace holdfast
