// A checkpoint as it is shipped, loaded by the program that infers with it.
#include <holdfast/checkpoint/transform/slim.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/reader.h>

#include "support/expect_error.h"
#include "training_fixture.h"

namespace holdfast::testing {
namespace {

class SlimTest : public CheckpointerTest {
 protected:
  // Of step 3; returns the path.
  std::string slimmed(std::optional<DType> dtype, bool with_optimizer = false) {
    train_and_save({3});
    SlimOptions options;
    options.dtype = dtype;
    options.keep_optimizers = with_optimizer;
    const std::string to = run() + "-slim";
    const auto files =
        std::make_shared<const CheckpointFiles>(Directory::open(posix_file_system(), path_of(3)));
    slim(files, to, options);
    return to;
  }

  torch::Tensor trained_weight() {
    torch::nn::Linear net(4, 3);
    load_model(run(), "net", net);
    return net->weight.detach().clone();
  }
};

TEST_F(SlimTest, IsLoadedAsTheCheckpointItWasMadeOf) {
  const std::string path = slimmed({});
  torch::nn::Linear net(4, 3);
  load_model(path, "net", net);
  EXPECT_TRUE(torch::equal(net->weight, trained_weight()));
  EXPECT_EQ(Reader(path).info().step, 3);
}

TEST_F(SlimTest, OfHalfTheBitsIsLoadedByAModuleOfThatType) {
  for (const auto& [ours, theirs] :
       {std::pair(DType::kFloat16, torch::kHalf), std::pair(DType::kBFloat16, torch::kBFloat16)}) {
    const std::string path = slimmed(ours);
    torch::nn::Linear net(4, 3);
    net->to(theirs);
    load_model(path, "net", net);
    EXPECT_TRUE(torch::equal(net->weight, trained_weight().to(theirs)))
        << "rounded as LibTorch does";
    std::filesystem::remove_all(path);
    std::filesystem::remove_all(run());
  }
}

TEST_F(SlimTest, OfHalfTheBitsIsRefusedByAModuleOfAnotherType) {
  const std::string path = slimmed(DType::kFloat16);
  torch::nn::Linear net(4, 3);
  expect_error(ErrorKind::kMismatch, "float16", [&] { load_model(path, "net", net); });
}

TEST_F(SlimTest, WithItsOptimizerHasHowTheModelTrains) {
  const Reader reader(slimmed({}, /*with_optimizer=*/true));
  EXPECT_TRUE(reader.contains("modes/net/has_gradient"));
  EXPECT_TRUE(reader.contains("optimizers/adam/type"));
  EXPECT_FALSE(reader.contains("rng/cpu"));
}

TEST_F(SlimTest, ToInferWithHasValuesAlone) {
  for (const std::string& name : Reader(slimmed({})).names())
    EXPECT_EQ(name.rfind("models/net/parameters/", 0), 0u) << name;
}

TEST_F(SlimTest, IsNoCheckpointToGoOnATrainingFrom) {
  const std::string path = slimmed({});
  Training training;
  Checkpointer checkpoints(run() + "-next");
  expect_error(ErrorKind::kMismatch, "optimizers/adam",
               [&] { checkpoints.restore(path, training.state); });
}

}  // namespace
}  // namespace holdfast::testing
