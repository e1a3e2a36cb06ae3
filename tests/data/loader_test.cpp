// The sampler under LibTorch's DataLoader: stopped after any batch and resumed, it goes on as if it
// had not been stopped, however far the workers were ahead.
#include <gmock/gmock.h>
#include <torch/torch.h>

#include <holdfast/checkpoint/data/batches.h>
#include <holdfast/checkpoint/data/sample_random.h>

#include "state/memory_checkpoint.h"
#include "support/thrown.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::error_of;

constexpr std::int64_t kSamples = 23;

// Gives the index of each sample, and a number that its augmentation has drawn.
class Numbered : public torch::data::datasets::Dataset<Numbered, std::vector<double>> {
 public:
  explicit Numbered(Sampler sampler) : sampler_(std::move(sampler)) {}
  std::vector<double> get(std::size_t index) override {
    std::mt19937_64 engine = sample_engine(1, sampler_.epoch(), static_cast<std::int64_t>(index));
    return {static_cast<double>(index), static_cast<double>(engine() >> 40)};
  }
  torch::optional<std::size_t> size() const override { return kSamples; }

 private:
  Sampler sampler_;
};

// What a training sees: the numbers of every sample, in order.
using Seen = std::vector<double>;

// Trains to the end of the second epoch, or until it has had `most` batches; then returns what it
// would have saved.
template <typename State>
Seen train(Sampler& sampler, State& state, std::size_t workers, std::size_t most,
           std::optional<testing::MemoryCheckpoint>* saved = nullptr) {
  Seen seen;
  auto loader = torch::data::make_data_loader(Numbered(sampler), sampler,
                                              torch::data::DataLoaderOptions(4).workers(workers));
  std::size_t batches_seen = 0;
  while (sampler.epoch() < 2) {
    for (const auto& batch : batches(*loader, sampler)) {
      for (const std::vector<double>& sample : batch)
        seen.insert(seen.end(), sample.begin(), sample.end());
      if (++batches_seen < most) continue;
      if (saved != nullptr) saved->emplace(state);
      return seen;
    }
  }
  if (saved != nullptr) saved->emplace(state);
  return seen;
}

TEST(Loader, GoesOnAfterAnyBatchAsIfItHadNotBeenStopped) {
  SamplerOptions options;
  options.seed = 3;
  for (const std::size_t workers : {0, 1, 3}) {
    Sampler whole(kSamples, options);
    State none;
    const Seen all = train(whole, none, workers, 1000);
    EXPECT_EQ(all.size(), 2U * 2 * kSamples);
    for (std::size_t stop = 1; stop <= 12; ++stop) {
      Sampler first(kSamples, options), second(kSamples, options);
      State state, resumed;
      state.sampler("train", first);
      resumed.sampler("train", second);
      std::optional<testing::MemoryCheckpoint> checkpoint;
      Seen seen = train(first, state, workers, stop, &checkpoint);
      checkpoint->restore(resumed);
      const Seen rest = train(second, resumed, workers, 1000);
      seen.insert(seen.end(), rest.begin(), rest.end());
      EXPECT_EQ(seen, all) << workers << " workers, stopped after batch " << stop;
    }
  }
}

TEST(Loader, BeginsTheNextEpochWhereTheLoopHasHadAll) {
  Sampler sampler(8);
  auto loader = torch::data::make_data_loader(Numbered(sampler), sampler, 4);
  std::vector<std::int64_t> consumed;
  for (const auto& batch : batches(*loader, sampler)) {
    EXPECT_EQ(batch.size(), 4U);
    consumed.push_back(sampler.consumed());
  }
  EXPECT_THAT(consumed, ElementsAre(4, 8));
  EXPECT_EQ(sampler.epoch(), 1);
  EXPECT_EQ(sampler.consumed(), 0);
}

TEST(Loader, OfAResumeAfterTheLastBatchHasNoneLeftInThatEpoch) {
  Sampler sampler(8);
  sampler.seek(0, 8);
  auto loader = torch::data::make_data_loader(Numbered(sampler), sampler, 4);
  for (const auto& batch : batches(*loader, sampler)) FAIL() << batch.size();
  EXPECT_EQ(sampler.epoch(), 1);
}

TEST(Loader, WhoseBatchesAreNotCountedCannotBeSaved) {
  Sampler sampler(8);
  State state;
  state.sampler("train", sampler);
  auto loader = torch::data::make_data_loader(Numbered(sampler), sampler, 4);
  for (const auto& batch : *loader) {
    EXPECT_EQ(batch.size(), 4U);
    EXPECT_THAT(error_of([&] { testing::MemoryCheckpoint checkpoint(state); }).what(),
                ::testing::HasSubstr("loop over holdfast::batches(*loader, sampler)"));
  }
}

TEST(Loader, DoesNotShareASamplerWithNextBatch) {
  Sampler sampler(8);
  auto loader = torch::data::make_data_loader(Numbered(sampler), sampler, 4);
  for (const auto& batch : batches(*loader, sampler)) {
    EXPECT_EQ(batch.size(), 4U);
    EXPECT_EQ(error_of([&] { sampler.next_batch(2); }).kind(), ErrorKind::kInvalidArgument);
  }
}

}  // namespace
}  // namespace holdfast
