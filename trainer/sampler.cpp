#include <holdfast/trainer/sampler.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <utility>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {
namespace {

std::vector<std::int64_t> ascending(std::int64_t size) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  return order;
}

// The C++ standard defines the results of the engine and of seed_seq exactly. It does not do so for
// std::shuffle and the distributions, so these are not used here.
std::mt19937_64 engine_for(std::uint64_t seed, std::int64_t epoch) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  const auto e = static_cast<std::uint64_t>(epoch);
  std::seed_seq words{low(seed), high(seed), low(e), high(e)};
  return std::mt19937_64(words);
}

// A uniform number in 0 … bound - 1. Rejects draws below 2^64 mod bound: the number of the others
// is a multiple of the bound, so that each remainder is equally likely.
std::uint64_t draw_below(std::uint64_t bound, std::mt19937_64& engine) {
  const std::uint64_t uneven = (0 - bound) % bound;
  std::uint64_t value = engine();
  while (value < uneven) value = engine();
  return value % bound;
}

void check_positive(std::int64_t value, const char* what) {
  if (value >= 1) return;
  throw Error(ErrorKind::kInvalidArgument, std::string("a sampler needs a positive ") + what)
      .expected("1 or more")
      .found(std::to_string(value));
}

void check_epoch(std::int64_t epoch) {
  if (epoch >= 0) return;
  throw Error(ErrorKind::kInvalidArgument, "there is no such epoch")
      .expected("0 or more")
      .found(std::to_string(epoch));
}

Error mismatch(const std::string& what, const std::string& expected, const std::string& found) {
  return Error(ErrorKind::kMismatch, "the saved sampler has another " + what)
      .expected(expected + " (this run)")
      .found(found + " (the checkpoint)");
}

void check_same(const StateReader& reader, std::int64_t size, const SamplerOptions& options) {
  const char* remedy = "resume with the data set and the seed that the checkpoint was made with";
  if (const std::int64_t saved = reader.integer("size"); saved != size) {
    throw mismatch("size", std::to_string(size), std::to_string(saved)).remedy(remedy);
  }
  if (const auto saved = static_cast<std::uint64_t>(reader.integer("seed"));
      saved != options.seed) {
    throw mismatch("seed", std::to_string(options.seed), std::to_string(saved)).remedy(remedy);
  }
  if (const bool saved = reader.boolean("shuffle"); saved != options.shuffle) {
    const auto text = [](bool shuffle) { return shuffle ? "shuffled" : "in order"; };
    throw mismatch("order", text(options.shuffle), text(saved)).remedy(remedy);
  }
}

void check_position(std::int64_t epoch, std::int64_t consumed, std::int64_t size) {
  if (epoch >= 0 && consumed >= 0 && consumed <= size) return;
  throw Error(ErrorKind::kMismatch, "the saved sampler is at a place that cannot be")
      .expected("epoch 0 or more, 0 to " + std::to_string(size) + " samples consumed")
      .found("epoch " + std::to_string(epoch) + ", " + std::to_string(consumed))
      .remedy("resume from another checkpoint");
}

}  // namespace

std::vector<std::int64_t> permutation(std::uint64_t seed, std::int64_t epoch, std::int64_t size) {
  std::vector<std::int64_t> order = ascending(size);
  std::mt19937_64 engine = engine_for(seed, epoch);
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[draw_below(left, engine)]);
  }
  return order;
}

Sampler::Sampler(std::int64_t size, const SamplerOptions& options)
    : size_(size), options_(options) {
  check_positive(size, "number of samples");
  seek(0, 0);
}

std::vector<std::int64_t> Sampler::next_batch(std::int64_t batch_size) {
  check_positive(batch_size, "batch size");
  const std::int64_t left = size_ - consumed_;
  if (options_.drop_last && left < batch_size) return {};
  const auto begin = order_.begin() + consumed_;
  const std::int64_t count = std::min(batch_size, left);
  consumed_ += count;
  return {begin, begin + count};
}

void Sampler::start_epoch(std::int64_t epoch) {
  check_epoch(epoch);
  seek(epoch, 0);
}

std::int64_t Sampler::batches_per_epoch(std::int64_t batch_size) const {
  check_positive(batch_size, "batch size");
  const bool partial = !options_.drop_last && size_ % batch_size != 0;
  return size_ / batch_size + (partial ? 1 : 0);
}

void Sampler::save(StateWriter& writer) const {
  writer.integer("seed", static_cast<std::int64_t>(options_.seed));
  writer.integer("size", size_);
  writer.boolean("shuffle", options_.shuffle);
  writer.integer("epoch", epoch_);
  writer.integer("consumed", consumed_);
}

void Sampler::load(const StateReader& reader) {
  check_same(reader, size_, options_);
  const std::int64_t epoch = reader.integer("epoch");
  const std::int64_t consumed = reader.integer("consumed");
  check_position(epoch, consumed, size_);
  seek(epoch, consumed);
}

void Sampler::seek(std::int64_t epoch, std::int64_t consumed) {
  check_epoch(epoch);
  if (consumed < 0 || consumed > size_)
    throw Error(ErrorKind::kInvalidArgument, "an epoch does not have so many samples")
        .expected("0 to " + std::to_string(size_))
        .found(std::to_string(consumed));
  order_ = options_.shuffle ? permutation(options_.seed, epoch, size_) : ascending(size_);
  epoch_ = epoch;
  consumed_ = consumed;
}

}  // namespace holdfast::trainer
