// One step of the trainer, and the call of before_update() in it.
#include <holdfast/trainer/experiment.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>

#include "idx_files.h"
#include "state/memory_checkpoint.h"
#include "trainer/config_files.h"

namespace holdfast::trainer {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MemoryCheckpoint;
using ::testing::Not;

// Eight images of 2 x 2 pixels in two classes, and a model with a buffer that changes in each
// forward pass.
class ExperimentTest : public testing::ConfigTest {
 protected:
  ExperimentTest() {
    for (const std::string split : {"train", "t10k"}) {
      testing::write_file(data_ / (split + "-images-idx3-ubyte"),
                          testing::idx_file({8, 2, 2}, testing::counting(32)));
      testing::write_file(data_ / (split + "-labels-idx1-ubyte"),
                          testing::idx_file({8}, {0, 1, 0, 1, 0, 1, 0, 1}));
    }
  }

  Config config() {
    return load_small({"data.root=" + data_.path().string(), "data.batch_size=4",
                       "models.mlp.layers=[4, 3, 10]", "models.mlp.batch_norm=true",
                       "models.mlp.dropout=0.5"});
  }

  testing::TemporaryDirectory data_;
};

// With overlap, only what is volatile or copied at once may change before before_update(): buffers,
// generators, and modes (which include the flags of gradients).
TEST_F(ExperimentTest, NothingButBuffersGeneratorsAndModesMovesBeforeTheBarrierOfAStep) {
  Experiment experiment(config());
  const Batch batch = experiment.train_data().batch({0, 1, 2, 3});
  for (int step = 0; step < 2; ++step) {  // the second has an optimizer state
    const MemoryCheckpoint before(experiment.state());
    bool asked = false;
    experiment.train_step(batch, [&] {
      asked = true;
      const auto moved = MemoryCheckpoint(experiment.state()).differences(before);
      EXPECT_THAT(moved, Not(IsEmpty()));
      EXPECT_THAT(moved, Each(::testing::AnyOf(HasSubstr("/buffers/"), HasSubstr("rng/"),
                                               HasSubstr("modes/"))));
    });
    EXPECT_TRUE(asked);
    EXPECT_THAT(MemoryCheckpoint(experiment.state()).differences(before),
                ::testing::Contains(HasSubstr("/parameters/")));
  }
}

TEST_F(ExperimentTest, AMetricThatIsNotFiniteIsNeverTheBest) {
  Config small = config();
  const std::string metric = small.checkpoint.metric = "mlp/test_accuracy";
  Experiment experiment(small);
  experiment.counters.step = 1;
  EXPECT_FALSE(experiment.observe({{metric, std::numeric_limits<double>::infinity()}}));
  EXPECT_TRUE(experiment.observe({{metric, 0.25}}));
  EXPECT_EQ(experiment.counters.best_metric, 0.25);
  // An older version may have saved this.
  experiment.counters.best_metric = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(experiment.observe({{metric, 0.125}}));
}

}  // namespace
}  // namespace holdfast::trainer
