// What a save takes of memory, and that no optimizer step slips into the copy.
#include <malloc.h>

#include <cstdint>
#include <future>
#include <memory>
#include <string>

#include "resident_memory.h"
#include "support/forwarding_file_system.h"
#include "support/gate.h"
#include "training_fixture.h"

namespace holdfast::testing {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

// As the operating system's, but writes to shards wait until they are let go.
class HeldFileSystem final : public ForwardingFileSystem {
 public:
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override {
    if (count >= kMiB) gate.pass();
    return ForwardingFileSystem::pwrite(fd, from, count, offset);
  }

  Gate gate;
};

// Weights of 40 MiB, in a limit that holds 16.
struct LargeModel {
  LargeModel() {
    weight = net.register_parameter("weight", torch::ones({40, kMiB / 4}));
    state.model("net", net);
  }
  void step() {
    const torch::NoGradGuard no_grad;
    weight.add_(1);
  }
  torch::nn::Module net;
  torch::Tensor weight;
  State state;
};

class HeldSave : public CheckpointerTest {
 protected:
  Options held_options() const {
    Options options;
    options.overlap = true;
    options.max_staging_bytes = 16 * kMiB;
    options.file_system = held_;
    return options;
  }
  std::shared_ptr<HeldFileSystem> held_ = std::make_shared<HeldFileSystem>();
};

TEST_F(HeldSave, WithOverlapNoStepSlipsInWhileASaveIsHeldInStaging) {
  LargeModel model;
  Checkpointer checkpoints(run(), held_options());
  checkpoints.save(1, model.state);
  auto stepped = std::async(std::launch::async, [&] {
    checkpoints.before_step();
    model.step();
  });
  // Nothing of the state but its first windows can have been copied: the disk takes none.
  EXPECT_EQ(stepped.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_EQ(model.weight[39][0].item<float>(), 1);
  held_->gate.open();
  stepped.get();
  checkpoints.wait();
  LargeModel restored;
  EXPECT_EQ(checkpoints.restore_latest(restored.state)->step, 1);
  EXPECT_TRUE(torch::equal(restored.weight, torch::ones_like(restored.weight)));
  EXPECT_EQ(model.weight[0][0].item<float>(), 2);
}

// Whoever forgets the barrier hears of it, as far as LibTorch counts its writes.
TEST_F(HeldSave, WithOverlapAStepWithoutTheBarrierFailsTheSave) {
  LargeModel model;
  Checkpointer checkpoints(run(), held_options());
  checkpoints.save(1, model.state);
  model.step();
  held_->gate.open();
  try {
    checkpoints.wait();
    ADD_FAILURE() << "a torn state was saved";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("models/net/parameters/weight"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("written to while it was saved"));
  }
  EXPECT_TRUE(checkpoints.steps().empty());
}

// As net->to(…) and Reader::map_model do it.
TEST_F(HeldSave, WithOverlapATensorThatGetsOtherMemoryIsSavedAsItWas) {
  LargeModel model;
  Checkpointer checkpoints(run(), held_options());
  checkpoints.save(1, model.state);
  model.weight.set_data(torch::zeros_like(model.weight));
  held_->gate.open();
  checkpoints.wait();
  LargeModel restored;
  EXPECT_EQ(checkpoints.restore_latest(restored.state)->step, 1);
  EXPECT_TRUE(torch::equal(restored.weight, torch::ones_like(restored.weight)));
}

// Buffers move in the forward pass and samplers between steps: neither waits for the barrier.
struct RestlessModel {
  RestlessModel() {
    net.register_parameter("weight", torch::ones({4, kMiB / 4}));
    buffer = net.register_buffer("mean", torch::ones({3, kMiB / 4}));
    shared = net.register_parameter("shared", torch::ones({5}));
    net.register_buffer("tied", shared);
    sampler.order = torch::ones({2, kMiB / 4});
    state.model("net", net).add("sampler", sampler);
  }
  void move() {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor tensor : {buffer, shared, sampler.order}) tensor.add_(1);
  }

  struct Sampler final : Stateful {
    void save(StateWriter& writer) const override { writer.tensor("order", order); }
    void load(const StateReader& reader) override { order = reader.tensor("order"); }
    torch::Tensor order;
  };
  torch::nn::Module net;
  torch::Tensor buffer, shared;
  Sampler sampler;
  State state;
};

TEST_F(HeldSave, WithOverlapWhatMovesAtOtherTimesIsCopiedAtOnce) {
  RestlessModel model;
  Options options = held_options();
  options.max_staging_bytes = 64 * kMiB;
  Checkpointer checkpoints(run(), options);
  checkpoints.save(1, model.state);
  model.move();
  held_->gate.open();
  checkpoints.wait();
  RestlessModel restored;
  restored.move();
  EXPECT_EQ(checkpoints.restore_latest(restored.state)->step, 1);
  for (const torch::Tensor& tensor : {restored.buffer, restored.shared, restored.sampler.order})
    EXPECT_TRUE(torch::equal(tensor, torch::ones_like(tensor)));
}

#if !defined(__SANITIZE_ADDRESS__)
class Memory : public CheckpointerTest {
 protected:
  // Saves three times, and looks at the most that the process took meanwhile.
  void expect_bounded(const torch::nn::Module& net, std::uint64_t limit, bool overlap = false,
                      std::uint64_t more = 64 * kMiB) {
    Options options;
    options.max_staging_bytes = limit;
    options.overlap = overlap;
    State state;
    state.model("net", const_cast<torch::nn::Module&>(net));
    Checkpointer checkpoints(run(), options);
    const std::uint64_t before = bench::resident_bytes();
    bench::reset_peak_resident_bytes();
    for (int step = 1; step <= 3; ++step) {
      checkpoints.before_step();
      checkpoints.save(step, state);
    }
    checkpoints.wait();
    EXPECT_LE(bench::peak_resident_bytes(), before + limit + more);
  }
};

constexpr std::int64_t kRows = 160;  // of 1 MiB: more than the limit and 64 MiB

TEST_F(Memory, OfASaveIsTheStagingLimitAndALittle) {
  torch::nn::Module net;
  net.register_parameter("weight", torch::ones({kRows, kMiB / 4}));
  expect_bounded(net, 32 * kMiB);
}

TEST_F(Memory, IsBoundedForALargeBuffer) {
  torch::nn::Module net;
  net.register_buffer("mean", torch::ones({kRows, kMiB / 4}));
  expect_bounded(net, 32 * kMiB);
}

TEST_F(Memory, IsBoundedForALargeBufferWithOverlap) {
  torch::nn::Module net;
  net.register_buffer("mean", torch::ones({kRows, kMiB / 4}));
  expect_bounded(net, 32 * kMiB, true);
}

TEST_F(Memory, IsBoundedForATensorThatIsNotContiguous) {
  torch::nn::Module net;
  net.register_parameter("transposed", torch::ones({kMiB / 4, kRows}).t());
  expect_bounded(net, 32 * kMiB);
}

TEST_F(Memory, IsBoundedForATensorOfOneRowThatIsNotContiguous) {
  torch::nn::Module net;
  net.register_parameter("row", torch::ones({kMiB / 4, kRows}).t().unsqueeze(0));
  expect_bounded(net, 32 * kMiB);
}

// Their names and headers count in the limit; to build these takes more (Options).
TEST_F(Memory, IsBoundedForManySmallTensors) {
  torch::nn::Module net;
  for (int i = 0; i < 20'000; ++i)
    net.register_parameter("tensor_" + std::to_string(i), torch::ones({256}));
  expect_bounded(net, 96 * kMiB, false, 100 * kMiB);
}

std::uint64_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::ptrdiff_t count_in(const char* directory) {
  return std::distance(std::filesystem::directory_iterator(directory), {});
}

TEST_F(CheckpointerTest, GrowsByNothingOverAThousandSaves) {
  Options options;
  options.overlap = true;
  options.retention.keep_last = 2;
  options.file_system = std::make_shared<UnsyncedFileSystem>();
  Training training;
  Checkpointer checkpoints(run(), options);
  const auto save_until = [&](std::int64_t step) {
    while (training.step < step) {
      checkpoints.before_step();
      training.train_one_step();
      checkpoints.save(training.step, training.state);
    }
    checkpoints.wait();
  };
  save_until(100);
  const std::uint64_t heap = heap_bytes();
  const std::ptrdiff_t descriptors = count_in("/proc/self/fd");
  const std::ptrdiff_t threads = count_in("/proc/self/task");
  save_until(1100);
  EXPECT_LE(heap_bytes(), heap + 64 * 1024);
  EXPECT_EQ(count_in("/proc/self/fd"), descriptors);
  EXPECT_LE(count_in("/proc/self/task"), threads);
  EXPECT_EQ(count_in((run() + "/checkpoints").c_str()), 2);
}
#endif

}  // namespace
}  // namespace holdfast::testing
