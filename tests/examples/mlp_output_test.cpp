// What the mlp program leaves and prints.
#include <filesystem>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "mlp_fixture.h"
#include "support/python.h"

namespace holdfast {
namespace {

using ::testing::HasSubstr;

class MlpOutput : public testing::MlpTest {
 protected:
  MlpOutput() {
    common_ = {"train.max_steps=20", "data.train_limit=640", "data.test_limit=100",
               "checkpoint.every_steps=4"};
  }
};

TEST_F(MlpOutput, EndsWithATableOfTheRun) {
  const auto finished = train("run");
  ASSERT_EQ(finished.status, 0) << finished.output;
  for (const char* words : {"steps", "20", "mlp/test_accuracy", "checkpoints written", "held up"})
    EXPECT_THAT(finished.output, HasSubstr(words));
  EXPECT_THAT(finished.output, ::testing::Not(HasSubstr("\r")));  // it is no terminal
  EXPECT_THAT(finished.output, ::testing::Not(HasSubstr("\x1b")));
}

// As behind head(1).
TEST_F(MlpOutput, IsNotNeededByATrainingToGoOn) {
  const std::string directory = directory_.path().string();
  std::vector<std::string> words = {
      "/bin/sh", "-c",
      "{ while [ ! -e '" + directory + "/deaf' ]; do sleep 0.01; done; \"$@\"; echo $? > '" +
          directory + "/status'; } | { exec 0<&-; touch '" + directory + "/deaf'; }",
      "sh"};
  for (const std::string& word : command("run", {})) words.push_back(word);
  testing::run_process(words);
  EXPECT_EQ(testing::read_file(directory_ / "status"), "0\n");
  EXPECT_THAT(steps("run"), ::testing::ElementsAre(12, 16, 20));
}

TEST_F(MlpOutput, KeepsTheLastCheckpoints) {
  expect_trained("run");
  EXPECT_THAT(steps("run"), ::testing::ElementsAre(12, 16, 20));
}

TEST_F(MlpOutput, KeepsTheBestBesideTheLast) {
  expect_trained("run", {"train.evaluate_every_steps=4", "checkpoint.keep_last=1",
                         "checkpoint.keep_best=1", "checkpoint.metric=mlp/test_loss",
                         "checkpoint.direction=max"});  // the first one is the worst
  EXPECT_THAT(steps("run"), ::testing::ElementsAre(4, 20));
}

TEST_F(MlpOutput, WritesARowOfMetricsForEachInterval) {
  expect_trained("run");
  std::istringstream csv(testing::read_file(run_path("run") + "/metrics.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "step,epoch,train_loss,sgd/lr,mlp/test_loss,mlp/test_accuracy");
  int rows = 0;
  while (std::getline(csv, line)) ++rows;
  EXPECT_EQ(rows, 2);  // steps 10 and 20: an epoch has ten
}

TEST_F(MlpOutput, TellsItsStoryInEvents) {
  expect_trained("run", {"train.max_steps=8"});
  expect_trained("run");
  std::istringstream events(testing::read_file(run_path("run") + "/events.jsonl"));
  std::string line;
  std::vector<std::string> names;
  while (std::getline(events, line)) {
    const auto event = nlohmann::json::parse(line);
    EXPECT_TRUE(event.contains("time"));
    names.push_back(event.at("event"));
  }
  EXPECT_EQ(names.front(), "open");
  EXPECT_THAT(names, ::testing::Contains("save").Times(6));
  EXPECT_THAT(names, ::testing::Contains("resume").Times(1));
}

TEST_F(MlpOutput, ShowsEveryTensorOfEveryShardInItsIndex) {
  expect_trained("run");
  const std::string index = checkpoint_path("run", 20) + "/index.h5";
  const std::string names = testing::run_python(R"(
import h5py, numpy
names = []
def walk(group, path):
    for name in group:
        item = group[name]
        if isinstance(item, h5py.Group): walk(item, path + name + "/")
        else: names.append(path + name)
with h5py.File(")" + index + R"(", "r") as f:
    walk(f, "")
    weight = f["models/mlp/parameters/fc1.weight"]
    assert weight.shape == (64, 784) and weight.dtype == numpy.float32
    assert numpy.isfinite(weight[:]).all() and weight[:].std() > 0
    assert f["progress/step"][()] == 20
    assert f["rng/cpu"].shape == (5056,)
    momentum = f["optimizers/sgd/state/mlp/fc1.weight/momentum_buffer"]
    assert numpy.isfinite(momentum[:]).all()
print("\n".join(sorted(names)))
)");
  const CheckpointFiles files = open("run", 20);
  for (const format::Entry& entry : files.catalog().entries)
    EXPECT_THAT(names, HasSubstr(entry.name + "\n"));
}

TEST_F(MlpOutput, PredictsFromARunThatIsStillTraining) {
  testing::Process training(command("run", {"train.max_steps=0", "train.epochs=1000000"}));
  while (training.running() && steps("run").empty())
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto finished = testing::run_process(
      {PREDICT_PROGRAM, run_path("run"), "mlp", "/usr/share/datasets/fashion-mnist"});
  EXPECT_TRUE(training.running()) << training.output();
  // The one that was opened may be retired meanwhile: then it says just that.
  if (finished.status != 0) {
    EXPECT_THAT(finished.output, HasSubstr("retired"));
  } else {
    EXPECT_THAT(finished.output, HasSubstr("test accuracy"));
  }
}

TEST_F(MlpOutput, PredictsFromACheckpointOfAFinishedRun) {
  expect_trained("run");
  const auto finished = testing::run_process(
      {PREDICT_PROGRAM, run_path("run"), "mlp", "/usr/share/datasets/fashion-mnist"});
  EXPECT_EQ(finished.status, 0) << finished.output;
  EXPECT_THAT(finished.output, HasSubstr("step 20"));
  const auto unknown = testing::run_process(
      {PREDICT_PROGRAM, run_path("run"), "nobody", "/usr/share/datasets/fashion-mnist"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.output, HasSubstr("\"mlp\""));
}

}  // namespace
}  // namespace holdfast
