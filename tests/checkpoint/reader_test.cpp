#include <holdfast/checkpoint/reader.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "support/expect_error.h"
#include "support/hooked_file_system.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using testing::CheckpointerTest;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::expect_error;
using testing::Training;

using ReaderTest = CheckpointerTest;

// The line of /proc/self/maps that has this address.
std::string mapped_at(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::istringstream(line) >> std::hex >> begin >> dash >> end;
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    if (begin <= at && at < end) return line;
  }
  return "";
}

TEST_F(ReaderTest, OpensTheNewestCheckpointOfARunOrTheOneThatIsNamed) {
  train_and_save({1, 2});
  EXPECT_EQ(Reader(run()).info().step, 2);
  EXPECT_EQ(Reader(path_of(1)).info().step, 1);
}

TEST_F(ReaderTest, OpensTheNextWhereTheRunRetiresTheOneThatItOpens) {
  Training training;
  Options options;
  options.retention.keep_last = 1;
  Checkpointer checkpoints(run(), options);
  const auto save_next = [&] {
    training.train_one_step();
    checkpoints.save(training.step, training.state);
    checkpoints.wait();
  };
  save_next();
  const auto fs = std::make_shared<testing::HookedFileSystem>();
  fs->in_open = [&](const std::string& name) {
    if (name == format::kCatalogFile && training.step < 4) save_next();
    return 0;
  };
  EXPECT_EQ(Reader(run(), fs).info().step, 4);
  EXPECT_EQ(Reader(Directory::open(fs, path_of(4))).info().step, 4);
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

TEST_F(ReaderTest, GivesRowsOfATensor) {
  train_and_save({1});
  const Reader reader(run());
  const std::string name = "models/net/parameters/weight";
  const at::Tensor whole = reader.tensor(name);
  EXPECT_TRUE(torch::equal(reader.rows(name, 1, 2), whole.narrow(0, 1, 2)));
  EXPECT_EQ(reader.rows(name, 3, 0).sizes(), at::IntArrayRef({0, 4}));
  const auto refused = [&](const std::string& entry, std::int64_t row, std::int64_t rows) {
    expect_error(ErrorKind::kInvalidArgument, entry, [&] { reader.rows(entry, row, rows); });
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  refused(name, 0, 4);
  refused(name, 2, kMost);
  refused(name, kMost, 1);
  refused(name, -1, 1);
  refused(name, 0, -1);
  refused("progress/step", 0, 1);
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

TEST_F(ReaderTest, MapsAModelWithoutACopyOfItsOwn) {
  train_and_save({3});
  const at::Tensor saved = Reader(run()).tensor("models/net/parameters/weight");
  torch::nn::Linear net(4, 3);
  const at::Tensor parameter = net->weight;
  const void* const memory = net->weight.data_ptr();
  Reader(run()).map_model("net", *net);
  EXPECT_THAT(mapped_at(net->weight.data_ptr()), ::testing::HasSubstr(path_of(3) + "/shard-"));
  std::filesystem::remove_all(path_of(3));  // retired: the memory stays
  EXPECT_TRUE(net->weight.is_same(parameter)) << "others that refer to it would have lost it";
  EXPECT_NE(net->weight.data_ptr(), memory);
  EXPECT_TRUE(net->weight.requires_grad());
  EXPECT_TRUE(torch::equal(net->weight, saved));
}

TEST_F(ReaderTest, GivesTheSameValuesMappedAndLoadedWhateverTheShards) {
  Options options;
  options.shards = 3;  // cuts the weight into three pieces, which cannot be mapped as one
  train_and_save({3}, options);
  const Reader reader(run());
  torch::nn::Linear loaded(4, 3), mapped(4, 3);
  reader.load_model("net", *loaded);
  reader.map_model("net", *mapped);
  EXPECT_TRUE(torch::equal(mapped->weight, loaded->weight));
  EXPECT_TRUE(torch::equal(mapped->bias, loaded->bias));
  for (const std::string& name : reader.names()) {
    const at::Tensor tensor = reader.tensor(name);
    EXPECT_TRUE(!tensor.defined() || torch::equal(reader.map(name), tensor)) << name;
  }
}

TEST_F(ReaderTest, LeavesTheFileAsItIsWhenAMappedTensorIsWrittenTo) {
  train_and_save({1});
  const Reader reader(run());
  const std::string name = "models/net/parameters/weight";
  const at::Tensor before = reader.tensor(name);
  const at::Tensor mapped = reader.map(name);
  mapped.fill_(7);
  EXPECT_TRUE(torch::equal(mapped, at::full_like(mapped, 7)));
  EXPECT_TRUE(torch::equal(reader.tensor(name), before));
}

TEST_F(ReaderTest, MapsTiedTensorsAsOne) {
  torch::nn::Linear a(4, 4), b(4, 4);
  b->weight.set_data(a->weight);
  torch::nn::Sequential net(a, b);
  State state;
  state.model("net", net);
  {
    Checkpointer checkpoints(run());
    checkpoints.save(1, state);
  }
  torch::nn::Linear c(4, 4), d(4, 4);
  d->weight.set_data(c->weight);
  torch::nn::Sequential other(c, d);
  Reader(run()).map_model("net", *other);
  EXPECT_TRUE(torch::equal(c->weight, a->weight));
  EXPECT_TRUE(c->weight.is_alias_of(d->weight));
}

TEST_F(ReaderTest, MapsNothingOfADamagedCheckpoint) {
  train_and_save({1});
  torch::nn::Linear net(4, 3);
  const torch::Tensor before = net->weight.detach().clone();
  const Reader reader(run());
  const auto entry = reader.files().find("models/net/parameters/weight")->pieces.front();
  std::fstream shard(path_of(1) + "/shard-00000-of-00001.h5",
                     std::ios::in | std::ios::out | std::ios::binary);
  shard.seekp(static_cast<std::streamoff>(entry.offset));
  shard.write("?", 1).flush();
  expect_error(ErrorKind::kCorrupt, "block 0", [&] { reader.map_model("net", *net); });
  EXPECT_TRUE(torch::equal(net->weight, before));
}

TEST_F(ReaderTest, MapsNoModelThatDoesNotFit) {
  train_and_save({1});
  torch::nn::Linear net(7, 3);
  expect_error(ErrorKind::kMismatch, "models/net/parameters/weight",
               [&] { Reader(run()).map_model("net", *net); });
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
  expect_error(ErrorKind::kNotFound, "\"net\"", [&] { load_model(run(), "other", net); });
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
