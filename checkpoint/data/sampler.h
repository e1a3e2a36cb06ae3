// Decides in which order an epoch visits the samples, and keeps the place within the epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <torch/data/samplers/base.h>

#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

// Returns 0 … size - 1 in random order. This is a pure function of its arguments: it gives the same
// order with every compiler, standard library and version of LibTorch, and must do so for ever,
// since runs are resumed in the middle of an epoch. It uses no random generator of the program.
std::vector<std::int64_t> permutation(std::uint64_t seed, std::int64_t epoch, std::int64_t size);

// Returns `draws` indices into `weights`, each with a probability in proportion to its weight, with
// replacement. A pure function of its arguments in the same way. Error(kInvalidArgument) unless all
// weights are finite and 0 or more, and their sum is finite and more than 0.
std::vector<std::int64_t> weighted_draws(std::uint64_t seed, std::int64_t epoch,
                                         const std::vector<double>& weights, std::int64_t draws);

struct SamplerOptions {
  std::uint64_t seed = 0;
  bool shuffle = true;     // false: in ascending order, or in that of `subset`, in every epoch
  bool drop_last = false;  // true: leave out the last batch of an epoch if it would be smaller

  // The indices to visit, each from 0 to size - 1. Empty: all.
  std::vector<std::int64_t> subset;

  // If not empty, one weight for each index to visit: an epoch draws indices by their weights, with
  // replacement, and `shuffle` is ignored. `draws`: how many; 0: as many as there are to visit.
  std::vector<double> weights;
  std::int64_t draws = 0;

  // Which part of each batch this process gets, of how many processes: with 4 ranks and batches of
  // 32, rank 1 gets samples 32 to 63 of every 128. At the end of an epoch all ranks get equally
  // many, and up to ranks - 1 samples are left out. consumed() counts the samples of all ranks, so
  // a checkpoint can be resumed with another number of them.
  std::int64_t rank = 0, ranks = 1;
};

// Gives out the indices of an epoch batch by batch: by next_batch() in a loop of your own, or as
// the sampler of LibTorch's DataLoader:
//
//   holdfast::Sampler sampler(size, options);                     // was RandomSampler
//   state.sampler("train", sampler);
//   auto loader = torch::data::make_data_loader(std::move(dataset), sampler, 64);
//   while (sampler.epoch() < epochs)
//     for (auto& batch : holdfast::batches(*loader, sampler)) …   // data/batches.h; was *loader
//
// Its state is the seed, the epoch, and the number of samples consumed. A sampler that loads a
// state saved in the middle of an epoch goes on with the next sample: also if the loader's workers
// had fetched batches ahead, since batches() counts what the loop has got. The loader must keep the
// order of the batches, which is its default (enforce_ordering).
//
// A copy has the same place as the original: what one gives out, the other does not. Used by one
// thread at a time; but epoch() may be called by any thread, such as a worker that augments
// samples.
class Sampler final : public torch::data::samplers::Sampler<>, public Stateful {
  template <typename>
  struct OptionalOf;
  template <template <typename> class Optional, typename T>
  struct OptionalOf<Optional<T>> {
    using Size = Optional<std::size_t>;
  };
  using Indices = decltype(std::declval<torch::data::samplers::Sampler<>&>().next(1));

 public:
  // At the start of epoch 0. Error(kInvalidArgument) unless size is 1 or more, and for options that
  // contradict one another.
  explicit Sampler(std::int64_t size, const SamplerOptions& options = {});

  // Returns the next batch_size indices; fewer at the end of the epoch, and none after it. They
  // count as consumed at once, so a batch that was taken must be trained on before the next save.
  // Error(kInvalidArgument) while a DataLoader is in the middle of an epoch.
  std::vector<std::int64_t> next_batch(std::int64_t batch_size);

  void start_epoch(std::int64_t epoch);  // goes to its first sample; epochs count from 0
  // Goes to the place in the epoch behind the first `consumed` samples.
  void seek(std::int64_t epoch, std::int64_t consumed);

  std::int64_t epoch() const;
  std::int64_t consumed() const;  // samples of this epoch
  std::int64_t size() const;      // samples of an epoch
  std::int64_t batches_per_epoch(std::int64_t batch_size) const;

  // For DataLoader. reset() begins at the place that was loaded or sought, else at the next epoch.
  // next() gives out a batch that is not consumed yet. Error(kInvalidArgument) for another size
  // than the sampler's own.
  void reset(typename OptionalOf<Indices>::Size new_size = {}) override;
  Indices next(std::size_t batch_size) override;
  void save(torch::serialize::OutputArchive& archive) const override;
  void load(torch::serialize::InputArchive& archive) override;

  // For batches(): the loop has got the next batch that next() gave out; it has got all of them.
  void consume();
  void end_epoch();

  // save() throws Error(kInvalidArgument) if a loader has given out batches of this epoch, and
  // consume() was never called. load() throws Error(kMismatch), and changes nothing, if the state
  // was saved with another size, seed or order, or if its place does not exist.
  void save(StateWriter& writer) const override;
  void load(const StateReader& reader) override;

 private:
  class Place;
  std::shared_ptr<Place> place_;
};

}  // namespace holdfast
