#include <holdfast/checkpoint/reader.h>

#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>

#include "support/expect_error.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using testing::CheckpointerTest;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::expect_error;
using testing::Training;

using ReaderTest = CheckpointerTest;

TEST_F(ReaderTest, OpensTheNewestCheckpointOfARunOrTheOneThatIsNamed) {
  train_and_save({1, 2});
  EXPECT_EQ(Reader(run()).info().step, 2);
  EXPECT_EQ(Reader(path_of(1)).info().step, 1);
}

TEST_F(ReaderTest, NeedsNoLock) {
  Training training;
  Checkpointer checkpoints(run());
  checkpoints.save(1, training.state);
  checkpoints.wait();
  EXPECT_EQ(Reader(run()).info().step, 1);
}

TEST_F(ReaderTest, GivesTheTensorsByName) {
  Training training;
  {
    Checkpointer checkpoints(run());
    checkpoints.save(1, training.state);
  }
  const Reader reader(run());
  EXPECT_THAT(reader.names(), Contains("models/net/parameters/weight"));
  EXPECT_TRUE(torch::equal(reader.tensor("models/net/parameters/weight"), training.weight()));
  EXPECT_EQ(reader.tensor("progress/step").item<std::int64_t>(), 0);
  expect_error(ErrorKind::kNotFound, "models/net/nothing",
               [&] { reader.tensor("models/net/nothing"); });
}

TEST_F(ReaderTest, LoadsAModelForInferenceWithoutItsOptimizer) {
  Training training;
  training.train_to(3);
  {
    Checkpointer checkpoints(run());
    checkpoints.save(3, training.state);
  }
  torch::nn::Linear net(4, 3);
  load_model(run(), "net", net);
  EXPECT_TRUE(torch::equal(net->weight, training.weight()));
}

TEST_F(ReaderTest, LoadsOneOfSeveralModels) {
  torch::nn::Linear teacher(4, 3), student(2, 2);
  State state;
  state.model("teacher", teacher).model("student", student);
  {
    Checkpointer checkpoints(run());
    checkpoints.save(1, state);
  }
  const Reader reader(run());
  EXPECT_THAT(reader.models(), ElementsAre("teacher", "student"));
  torch::nn::Linear net(2, 2);
  reader.load_model("student", *net);
  EXPECT_TRUE(torch::equal(net->weight, student->weight));
}

TEST_F(ReaderTest, ListsAllThatDoesNotFitAndChangesNothing) {
  train_and_save({1});
  torch::nn::Linear net(7, 3);
  const torch::Tensor before = net->weight.detach().clone();
  expect_error(ErrorKind::kMismatch, "models/net/parameters/weight",
               [&] { load_model(run(), "net", net); });
  EXPECT_TRUE(torch::equal(net->weight, before));
}

TEST_F(ReaderTest, NamesTheModelsThatThereAre) {
  train_and_save({1});
  torch::nn::Linear net(4, 3);
  expect_error(ErrorKind::kNotFound, "'net'", [&] { load_model(run(), "other", net); });
}

TEST_F(ReaderTest, TellsWhatIsNeitherRunNorCheckpoint) {
  std::filesystem::create_directories(run());
  expect_error(ErrorKind::kNotFound, "neither a checkpoint nor a run",
               [&] { Reader reader(run()); });
  expect_error(ErrorKind::kNotFound, "nowhere", [&] { Reader reader(run() + "/nowhere"); });
}

TEST_F(ReaderTest, NeverHandsOnDamagedBytes) {
  train_and_save({1});
  const Reader reader(run());
  damage(1);
  expect_error(ErrorKind::kCorrupt, "", [&] { reader.tensor("models/net/parameters/weight"); });
}

}  // namespace
}  // namespace holdfast
