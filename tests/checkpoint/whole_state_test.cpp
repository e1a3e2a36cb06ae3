// Whole states through real files: what state/ and the store promise one by one, together.
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/reader.h>
#include <holdfast/checkpoint/state/dtypes.h>

#include "state/tensor_box.h"
#include "support/python.h"
#include "training_fixture.h"

namespace holdfast {
namespace {

using testing::BufferBox;
using testing::CheckpointerTest;
using testing::same_bits;

// Models of one linear layer each, whose weight may be shared.
struct Layer : torch::nn::Module {
  explicit Layer(const at::Tensor& weight) { register_parameter("weight", weight); }
  at::Tensor weight() { return named_parameters()["weight"]; }
};

bool has_dtype(DType dtype) {
  try {
    scalar_type_of(dtype, "any");
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Every element another value, as far as the type has them.
at::Tensor values_of(DType dtype, std::vector<std::int64_t> shape, int seed) {
  const at::Tensor tensor =
      at::zeros(shape, at::TensorOptions().dtype(scalar_type_of(dtype, "any")));
  auto* bytes = static_cast<std::uint8_t*>(tensor.data_ptr());
  for (std::size_t i = 0; i < tensor.nbytes(); ++i)
    bytes[i] =
        static_cast<std::uint8_t>(dtype == DType::kBool ? (i + seed) % 2 : (i * 13 + seed) % 120);
  return tensor;
}

class WholeState : public CheckpointerTest, public ::testing::WithParamInterface<int> {
 protected:
  void save(const State& state) {
    Options options;
    options.shards = GetParam();
    Checkpointer checkpoints(run(), options);
    checkpoints.save(1, state);
    checkpoints.wait();
  }
  void restore(State& state) {
    Checkpointer checkpoints(run());
    ASSERT_TRUE(checkpoints.restore_latest(state).has_value());
  }
};

INSTANTIATE_TEST_SUITE_P(Shards, WholeState, ::testing::Values(1, 2, 5));

TEST_P(WholeState, KeepsEveryDtypeInEveryShape) {
  const std::vector<std::vector<std::int64_t>> shapes = {{}, {0}, {0, 3}, {7}, {33, 5}, {4096, 9}};
  BufferBox saved, restored;
  for (const DType dtype : all_dtypes()) {
    if (!has_dtype(dtype)) continue;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const std::string name = std::string(name_of(dtype)) + "_" + std::to_string(i);
      saved.with(name, values_of(dtype, shapes[i], 1));
      restored.with(name, values_of(dtype, shapes[i], 2));
    }
  }
  State state, target;
  save(state.model("m", saved));
  restore(target.model("m", restored));
  for (const auto& buffer : saved.named_buffers())
    EXPECT_TRUE(same_bits(restored.named_buffers()[buffer.key()], buffer.value())) << buffer.key();
}

TEST_P(WholeState, KeepsWhatIsNotContiguous) {
  const at::Tensor base = torch::arange(2 * 3 * 64 * 64, torch::kFloat32).reshape({2, 3, 64, 64});
  BufferBox saved, restored;
  saved.with("transposed", base.transpose(0, 3));
  saved.with("channels_last", base.contiguous(at::MemoryFormat::ChannelsLast));
  saved.with("strided", base.slice(2, 1, 60, 3));
  for (const auto& buffer : saved.named_buffers())
    restored.with(buffer.key(),
                  torch::empty_strided(buffer.value().sizes(), buffer.value().strides()));
  State state, target;
  save(state.model("m", saved));
  restore(target.model("m", restored));
  for (const auto& buffer : saved.named_buffers()) {
    const at::Tensor other = restored.named_buffers()[buffer.key()];
    EXPECT_TRUE(torch::equal(other, buffer.value())) << buffer.key();
    EXPECT_EQ(other.strides(), buffer.value().strides()) << buffer.key();
  }
}

TEST_P(WholeState, StoresATieBetweenTwoModelsOnceAndTiesItAgain) {
  const at::Tensor weight = torch::randn({512, 128});
  Layer encoder(weight), decoder(weight);
  State state;
  save(state.model("encoder", encoder).model("decoder", decoder));
  const Reader reader(run());
  EXPECT_EQ(reader.files().find("models/decoder/parameters/weight")->alias_of,
            "models/encoder/parameters/weight");
  // Large enough to be cut over all shards.
  EXPECT_EQ(reader.files().find("models/encoder/parameters/weight")->pieces.size(),
            static_cast<std::size_t>(GetParam()));

  const at::Tensor other = torch::zeros({512, 128});
  Layer new_encoder(other), new_decoder(other);
  State target;
  restore(target.model("encoder", new_encoder).model("decoder", new_decoder));
  EXPECT_TRUE(torch::equal(new_decoder.weight(), weight));
  EXPECT_EQ(new_decoder.weight().data_ptr(), new_encoder.weight().data_ptr());
}

TEST_P(WholeState, ShowsTwoModelsInOneFileToH5py) {
  Layer teacher(torch::full({3, 2}, 7.0)), student(torch::full({300, 200}, 2.5));
  State state;
  save(state.model("teacher", teacher).model("student", student));
  EXPECT_EQ(testing::run_python("import h5py\nf = h5py.File('" + path_of(1) + R"(/index.h5', 'r')
t, s = f['models/teacher/parameters/weight'], f['models/student/parameters/weight']
print(t.shape, float(t[:].min()), s.shape, float(s[:].min()), float(s[:].max())))"),
            "(3, 2) 7.0 (300, 200) 2.5 2.5\n");
  const std::string shard = format::shard_file_name(0, GetParam());
  EXPECT_EQ(
      testing::run_python("import h5py\nf = h5py.File('" + path_of(1) + "/" + shard + R"(', 'r')
print('student' in f['models']))"),
      "True\n");
}

// Rosenbrock's valley, by LBFGS, with a schedule of LibTorch's.
struct Valley : torch::nn::Module {
  Valley() { point = register_parameter("point", torch::tensor({-1.5, 2.0}, torch::kFloat64)); }
  at::Tensor point;
};

struct Descent {
  Descent()
      : lbfgs(valley.parameters(), torch::optim::LBFGSOptions(0.1).max_iter(4).history_size(3)),
        decay(lbfgs, 3, 0.7) {
    state.model("valley", valley).optimizer("lbfgs", lbfgs).scheduler("decay", decay);
  }
  void step() {
    lbfgs.step([&] {
      lbfgs.zero_grad();
      const at::Tensor x = valley.point[0], y = valley.point[1];
      const at::Tensor loss = (1 - x).square() + 100 * (y - x.square()).square();
      loss.backward();
      return loss;
    });
    decay.step();
  }
  Valley valley;
  torch::optim::LBFGS lbfgs;
  torch::optim::StepLR decay;
  State state;
};

TEST_P(WholeState, ResumesLbfgsAndStepLrAtEveryStepOfALoopOfItsOwn) {
  Descent uninterrupted;
  for (int i = 0; i < 12; ++i) uninterrupted.step();
  for (std::int64_t step = 0; step < 12; ++step) {
    Descent resumed;
    Options options;
    options.shards = GetParam();
    Checkpointer checkpoints(run(), options);
    const auto found = checkpoints.restore_latest(resumed.state);
    ASSERT_EQ(found ? found->step : 0, step);
    resumed.step();
    checkpoints.save(step + 1, resumed.state);
    checkpoints.wait();
    if (step == 11) {
      EXPECT_TRUE(torch::equal(resumed.valley.point, uninterrupted.valley.point));
    }
  }
}

TEST_P(WholeState, FollowsAStateThatGrowsFromSaveToSave) {
  Options options;
  options.shards = GetParam();
  Descent descent;
  Checkpointer checkpoints(run(), options);
  for (std::int64_t step = 1; step <= 6; ++step) {
    descent.step();
    checkpoints.save(step, descent.state);
  }
  checkpoints.wait();
  Descent restored;
  EXPECT_EQ(checkpoints.restore_latest(restored.state)->step, 6);
  EXPECT_TRUE(torch::equal(restored.valley.point, descent.valley.point));
}

}  // namespace
}  // namespace holdfast
