// `holdfast prove` on real trainings: it finds what is exact exact, and says what is not, and why.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/mlp_fixture.h"

namespace holdfast {
namespace {

using testing::Finished;
using ::testing::Ge;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using Words = std::vector<std::string>;

class Proof : public testing::MlpTest {
 protected:
  // Threads that wait for each other by spinning take minutes where other tests have the cores.
  Proof() { ::setenv("OMP_NUM_THREADS", "1", 1); }

  // As --json has it.
  Json prove(const Words& command, const Words& options, int status) {
    Words words = {HOLDFAST_PROGRAM, "prove", "--json", "--keep", directory_ / "proof"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--");
    words.insert(words.end(), command.begin(), command.end());
    const Finished finished = testing::run_process(words);
    EXPECT_EQ(finished.status, status) << finished.output;
    const std::size_t begin = finished.output.find("{\n");
    return Json::parse(begin == std::string::npos ? "null" : finished.output.substr(begin), nullptr,
                       false);
  }
  static void expect_resumed(const Json& proof, std::size_t count) {
    ASSERT_EQ(proof["starts"].size(), count + 1) << proof;
    for (std::size_t i = 1; i <= count; ++i) {
      EXPECT_TRUE(proof["starts"][i - 1]["killed"]) << proof;
      EXPECT_NE(proof["starts"][i]["resumed_from"], nullptr) << proof;
    }
  }
};

TEST_F(Proof, TheLoopOfTheReadmeIsExact) {
  const Json proof = prove({OWN_LOOP_PROGRAM, "{run}"}, {"--at", "500", "--at", "1200"}, 0);
  EXPECT_EQ(proof["finding"], "exact");
  EXPECT_EQ(proof["steps"], 2000);
  EXPECT_EQ(proof["compared"]["checkpoints"].size(), 20u);  // though it keeps the newest three
  EXPECT_EQ(proof["starts"][0]["last_step"], 500);          // however fast its steps are
  EXPECT_EQ(proof["starts"][1]["last_step"], 1200);
  expect_resumed(proof, 2);
}

TEST_F(Proof, TheReplayBufferIsExactWithItsGeneratorAndEnvironment) {
  const Json proof = prove({REPLAY_PROGRAM, "{run}", "2500"}, {"--at", "1200", "--at", "2300"}, 0);
  EXPECT_EQ(proof["finding"], "exact");
  EXPECT_EQ(proof["steps"], 2500);
  expect_resumed(proof, 2);
}

TEST_F(Proof, TheTrainerIsExactWithItsMetrics) {
  const Json proof =
      prove({MLP_PROGRAM, "--config", config_, "--set", "run.dir={run}", "--set", "train.epochs=1",
             "--set", "data.train_limit=20000", "--set", "checkpoint.every_steps=5"},
            {"--at", "80", "--at", "160"}, 0);
  EXPECT_EQ(proof["finding"], "exact");
  EXPECT_EQ(proof["compared"]["journals"], (Json{"metrics.csv"}));
  expect_resumed(proof, 2);
}

// It tells its steps whatever its checkpoint policy asks of them.
TEST_F(Proof, ATrainerThatSavesAtTheEndOfAnEpochIsKilledAtItsSteps) {
  const Json proof = prove({MLP_PROGRAM, "--config", config_, "--set", "run.dir={run}", "--set",
                            "data.train_limit=10000", "--set", "checkpoint.every_steps=0", "--set",
                            "checkpoint.async=false"},
                           {"--at", "20", "--at", "230"}, 0);
  EXPECT_EQ(proof["compared"]["checkpoints"], (Json{157, 314}));
  EXPECT_EQ(proof["starts"][1]["resumed_from"], nullptr);
  EXPECT_EQ(proof["starts"][2]["resumed_from"], 157);
}

class LoopProof : public Proof {
 protected:
  Json prove_loop(const std::string& fault, int status) {
    return prove({FAULTY_LOOP_PROGRAM, "{run}", fault}, {"--at", "12"}, status);
  }
};

TEST_F(LoopProof, ALoopWithoutAFaultIsExact) {
  const Json proof = prove_loop("none", 0);
  EXPECT_EQ(proof["compared"]["checkpoints"], (Json{5, 10, 15, 20, 25, 30}));
  EXPECT_EQ(proof["starts"][0]["last_step"], 12);
  EXPECT_EQ(proof["starts"][1]["resumed_from"], 10);
}

struct Fault {
  const char* name;
  const char* fault;
  const char* kind;
  bool saved;
  const char* first;  // entry that differs
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.fault;
}

class LoopFault : public LoopProof, public ::testing::WithParamInterface<Fault> {};

TEST_P(LoopFault, IsFoundAtTheFirstCheckpointAndNamed) {
  const Json proof = prove_loop(GetParam().fault, 1);
  ASSERT_EQ(proof["finding"], "not exact");
  EXPECT_EQ(proof["compared"]["checkpoints"], (Json{5, 10, 15}));
  const Json& difference = proof["difference"];
  EXPECT_EQ(difference["step"], 15);
  EXPECT_EQ(difference["resumed_from"], 10);
  EXPECT_EQ(difference["kind"], GetParam().kind) << difference;
  EXPECT_EQ(difference["saved"], GetParam().saved) << difference;
  EXPECT_THAT(difference["name"].get<std::string>(), HasSubstr(GetParam().first));
}

constexpr const char* kMoments = "optimizers/adam/state/net/0.weight/exp_avg";
constexpr const char* kParameters = "models/net/parameters/0.weight";

INSTANTIATE_TEST_SUITE_P(
    All, LoopFault,
    ::testing::Values(
        Fault{"ForgottenGenerators", "no rng", "random number generator", false, kMoments},
        Fault{"SeedingAgain", "seeded again", "random number generator", true, "rng/cpu"},
        Fault{"AForgottenSampler", "no sampler", "data order", false, kMoments},
        Fault{"DataThatBeginAnew", "data anew", "data order", true, "data/train/generator"},
        Fault{"AForgottenOptimizer", "no optimizer", "optimizer", false, kParameters},
        Fault{"AnOptimizerThatBeginsAnew", "optimizer anew", "optimizer", true, "/step"},
        Fault{"AForgottenScheduler", "no scheduler", "scheduler", false,
              "optimizers/adam/groups/0/lr"},
        Fault{"BuffersThatAreReset", "buffers reset", "buffers", true, "models/net/buffers/1."},
        Fault{"ATensorThatIsNotRegistered", "own tensor", "the program's own", false, kMoments},
        Fault{"ACounterThatIsReset", "counter reset", "progress counters", true,
              "progress/samples"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(LoopProof, StepsThatAStartCountsAreFoundThoughEveryCheckpointIsTheSame) {
  const Json proof = prove_loop("own count", 1);
  EXPECT_EQ(proof["finding"], "not exact");
  EXPECT_EQ(proof["difference"]["problem"], "30 and 40");
  EXPECT_EQ(proof["difference"]["kind"], "progress counters");
}

TEST_F(LoopProof, ALoopThatDoesNotRestoreIsNotResumed) {
  const Json proof = prove_loop("no restore", 1);
  EXPECT_EQ(proof["finding"], "not resumed");
  EXPECT_EQ(proof["reason"],
            "started again after the kill at step 12, the command fails by itself, with exit "
            "status 1");
}

}  // namespace
}  // namespace holdfast
