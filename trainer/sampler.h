// The order in which an epoch visits the samples, and how far it has come.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast::trainer {

// 0 … size - 1 in random order: a pure function of its arguments, the same with every compiler,
// standard library and version of LibTorch, for ever. It draws from no generator but its own.
std::vector<std::int64_t> permutation(std::uint64_t seed, std::int64_t epoch, std::int64_t size);

struct SamplerOptions {
  std::uint64_t seed = 0;
  bool shuffle = true;     // false: 0, 1, 2 … in every epoch
  bool drop_last = false;  // true: leave out what is left of an epoch that fills no batch
};

// Hands out the indices of an epoch batch by batch. Its state is (seed, epoch, samples consumed):
// one that is loaded in the middle of an epoch goes on with the sample after the last one handed
// out. Not for use by several threads at once.
class Sampler final : public Stateful {
 public:
  // At the start of epoch 0. Error(kInvalidArgument) unless size is 1 or more.
  explicit Sampler(std::int64_t size, const SamplerOptions& options = {});

  // The next batch_size indices, fewer at the end of the epoch, none after it. The samples count as
  // consumed: take a batch only to train on it before the next save.
  std::vector<std::int64_t> next_batch(std::int64_t batch_size);

  void start_epoch(std::int64_t epoch);  // from its first sample; epochs count from 0
  // Goes on behind the first `consumed` samples of the epoch, as if they had been taken.
  void go_to(std::int64_t epoch, std::int64_t consumed);

  std::int64_t epoch() const { return epoch_; }
  std::int64_t consumed() const { return consumed_; }  // samples of this epoch
  std::int64_t size() const { return size_; }
  std::int64_t batches_per_epoch(std::int64_t batch_size) const;

  // load() of a state that was saved with another size, seed or shuffling, or whose epoch or cursor
  // cannot be, is an Error(kMismatch) and changes nothing.
  void save(StateWriter& writer) const override;
  void load(const StateReader& reader) override;

 private:
  std::int64_t size_;
  SamplerOptions options_;
  std::int64_t epoch_ = 0;
  std::int64_t consumed_ = 0;
  std::vector<std::int64_t> order_;  // of this epoch
};

}  // namespace holdfast::trainer
