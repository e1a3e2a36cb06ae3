// Decides in which order an epoch visits the samples, and keeps the place within the epoch.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast::trainer {

// Returns 0 … size - 1 in random order. This is a pure function of its arguments: it gives the same
// order with every compiler, standard library and version of LibTorch, and must do so for ever,
// since runs are resumed in the middle of an epoch. It uses no random generator of the program.
std::vector<std::int64_t> permutation(std::uint64_t seed, std::int64_t epoch, std::int64_t size);

struct SamplerOptions {
  std::uint64_t seed = 0;
  bool shuffle = true;     // false: 0, 1, 2 … in every epoch
  bool drop_last = false;  // true: leave out the last batch of an epoch if it would be smaller
};

// Gives out the indices of an epoch batch by batch. Its state is the seed, the epoch, and the
// number of samples consumed. A sampler that loads a state saved in the middle of an epoch goes on
// with the next sample. Not for use by several threads at once.
class Sampler final : public Stateful {
 public:
  // At the start of epoch 0. Error(kInvalidArgument) unless size is 1 or more.
  explicit Sampler(std::int64_t size, const SamplerOptions& options = {});

  // Returns the next batch_size indices; fewer at the end of the epoch, and none after it. They
  // count as consumed at once, so a batch that was taken must be trained on before the next save.
  std::vector<std::int64_t> next_batch(std::int64_t batch_size);

  void start_epoch(std::int64_t epoch);  // goes to its first sample; epochs count from 0
  // Goes to the place in the epoch behind the first `consumed` samples.
  void seek(std::int64_t epoch, std::int64_t consumed);

  std::int64_t epoch() const { return epoch_; }
  std::int64_t consumed() const { return consumed_; }  // samples of this epoch
  std::int64_t size() const { return size_; }
  std::int64_t batches_per_epoch(std::int64_t batch_size) const;

  // load() throws Error(kMismatch), and changes nothing, if the state was saved with another size,
  // seed or shuffling, or if its epoch or place is out of range.
  void save(StateWriter& writer) const override;
  void load(const StateReader& reader) override;

 private:
  std::int64_t size_;
  SamplerOptions options_;
  std::int64_t epoch_ = 0;
  std::int64_t consumed_ = 0;
  std::vector<std::int64_t> order_;  // the indices of this epoch
};

}  // namespace holdfast::trainer
