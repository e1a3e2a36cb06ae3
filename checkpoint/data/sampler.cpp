#include <holdfast/checkpoint/data/sampler.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <numeric>
#include <random>
#include <string>
#include <utility>

#include <torch/serialize/archive.h>
#include <torch/types.h>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/base/error.h>

namespace holdfast {
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

// Tells apart what is visited, and how: 0 for all indices, each once. Kept for ever, as the order
// is.
std::int64_t choice_of(const SamplerOptions& options) {
  if (options.subset.empty() && options.weights.empty()) return 0;
  DigestStream digest;
  const auto add = [&](const auto& values) {
    const std::uint64_t count = values.size();
    digest.update({&count, sizeof count});
    digest.update({values.data(), values.size() * sizeof values[0]});
  };
  add(options.subset);
  add(options.weights);
  return static_cast<std::int64_t>(digest.value().low | 1);
}

void check_same(const StateReader& reader, std::int64_t size, const SamplerOptions& options) {
  const char* remedy = "resume with the data set and the seed that the checkpoint was made with";
  if (const std::int64_t saved = reader.integer("size"); saved != size)
    throw mismatch("size", std::to_string(size), std::to_string(saved)).remedy(remedy);
  if (const auto saved = static_cast<std::uint64_t>(reader.integer("seed")); saved != options.seed)
    throw mismatch("seed", std::to_string(options.seed), std::to_string(saved)).remedy(remedy);
  if (const bool saved = reader.boolean("shuffle"); saved != options.shuffle) {
    const auto text = [](bool shuffle) { return shuffle ? "shuffled" : "in order"; };
    throw mismatch("order", text(options.shuffle), text(saved)).remedy(remedy);
  }
  const std::int64_t saved = reader.contains("choice") ? reader.integer("choice") : 0;
  if (saved != choice_of(options)) {
    const auto text = [](std::int64_t choice) {
      return choice == 0 ? std::string("all samples") : "the choice " + std::to_string(choice);
    };
    throw mismatch("subset, or other weights", text(choice_of(options)), text(saved))
        .remedy(remedy);
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

std::vector<std::int64_t> weighted_draws(std::uint64_t seed, std::int64_t epoch,
                                         const std::vector<double>& weights, std::int64_t draws) {
  std::vector<double> sums;  // of the weights up to and with each
  double sum = 0;
  for (const double weight : weights) {
    if (!(weight >= 0) || !std::isfinite(sum + weight))
      throw Error(ErrorKind::kInvalidArgument, "this is no weight of a sample")
          .expected("a finite number that is 0 or more")
          .found(std::to_string(weight));
    sums.push_back(sum += weight);
  }
  if (!(sum > 0))
    throw Error(ErrorKind::kInvalidArgument, "the weights of the samples are all 0")
        .expected("one that is more than 0");
  std::mt19937_64 engine = engine_for(seed, epoch);
  std::vector<std::int64_t> drawn(static_cast<std::size_t>(draws));
  for (std::int64_t& index : drawn) {
    // 53 bits: a number from 0 to 1 - 2^-53. The product may round up to the sum itself.
    const double at = std::ldexp(static_cast<double>(engine() >> 11), -53) * sum;
    auto found = std::upper_bound(sums.begin(), sums.end(), at);
    if (found == sums.end()) found = std::lower_bound(sums.begin(), sums.end(), sum);
    index = found - sums.begin();
  }
  return drawn;
}

// What all copies of a sampler share.
class Sampler::Place {
 public:
  Place(std::int64_t size, SamplerOptions options) : options_(std::move(options)) {
    check_positive(size, "number of samples");
    check_options(size);
    const std::int64_t visited =
        options_.subset.empty() ? size : static_cast<std::int64_t>(options_.subset.size());
    length_ = options_.weights.empty() || options_.draws == 0 ? visited : options_.draws;
    visited_ = visited;
    seek(0, 0);
  }

  std::int64_t length() const { return length_; }
  std::int64_t epoch() const { return epoch_; }
  std::int64_t consumed() const { return consumed_; }
  const SamplerOptions& options() const { return options_; }

  void seek(std::int64_t epoch, std::int64_t consumed) {
    check_epoch(epoch);
    if (consumed < 0 || consumed > length_)
      throw Error(ErrorKind::kInvalidArgument, "an epoch does not have so many samples")
          .expected("0 to " + std::to_string(length_))
          .found(std::to_string(consumed));
    order_ = order_of(epoch);
    epoch_ = epoch;
    consumed_ = given_ = consumed;
    batches_.clear();
    is_under_way_ = false;
  }

  // DataLoader calls this when it begins an epoch.
  void begin() {
    if (is_under_way_) seek(epoch_ + 1, 0);
    is_under_way_ = true;
    has_consumed_ = false;
  }

  // A loop over the loader itself counts nothing, and its resume would begin the epoch anew.
  void require_counted() const {
    if (!is_under_way_ || has_consumed_ || batches_.empty()) return;
    throw Error(ErrorKind::kInvalidArgument,
                "the loader has fetched batches, and the loop has not counted any of them")
        .remedy("loop over holdfast::batches(*loader, sampler) instead of *loader");
  }

  // The indices of this rank in the next batch. What is left for all ranks is shared equally.
  std::vector<std::int64_t> give(std::int64_t batch_size) {
    check_positive(batch_size, "batch size");
    const std::int64_t left = length_ - given_, ranks = options_.ranks;
    const bool is_last = left / ranks < batch_size;
    const std::int64_t count = std::min(batch_size, left / ranks);
    if (count == 0 || (is_last && options_.drop_last)) return {};
    const auto begin = order_.begin() + given_ + options_.rank * count;
    const std::int64_t all = is_last ? left : count * ranks;
    given_ += all;
    batches_.push_back(all);
    return {begin, begin + count};
  }

  void consume() {
    if (batches_.empty())
      throw Error(ErrorKind::kInvalidArgument,
                  "the loop has got a batch that this sampler did not give out")
          .remedy("give the loader this sampler, and begin each epoch by batches()");
    consumed_ += batches_.front();
    batches_.pop_front();
    has_consumed_ = true;
  }

  bool is_under_way() const { return is_under_way_; }

 private:
  void check_options(std::int64_t size) const {
    for (const std::int64_t index : options_.subset)
      if (index < 0 || index >= size)
        throw Error(ErrorKind::kInvalidArgument, "the subset has an index of no sample")
            .expected("0 to " + std::to_string(size - 1))
            .found(std::to_string(index));
    const std::size_t visited =
        options_.subset.empty() ? static_cast<std::size_t>(size) : options_.subset.size();
    if (!options_.weights.empty() && options_.weights.size() != visited)
      throw Error(ErrorKind::kInvalidArgument, "there is not one weight for each sample")
          .expected(std::to_string(visited))
          .found(std::to_string(options_.weights.size()));
    if (options_.draws < 0 || options_.ranks < 1 || options_.rank < 0 ||
        options_.rank >= options_.ranks)
      throw Error(ErrorKind::kInvalidArgument, "the sampler's options contradict one another")
          .expected("0 draws or more, and a rank from 0 to ranks - 1")
          .found(std::to_string(options_.draws) + " draws, rank " + std::to_string(options_.rank) +
                 " of " + std::to_string(options_.ranks));
  }

  std::vector<std::int64_t> order_of(std::int64_t epoch) const {
    std::vector<std::int64_t> order =
        !options_.weights.empty() ? weighted_draws(options_.seed, epoch, options_.weights, length_)
        : options_.shuffle        ? permutation(options_.seed, epoch, visited_)
                                  : ascending(visited_);
    if (!options_.subset.empty())
      for (std::int64_t& index : order) index = options_.subset[static_cast<std::size_t>(index)];
    return order;
  }

  SamplerOptions options_;
  std::int64_t visited_ = 0, length_ = 0;  // different indices; samples of an epoch
  std::vector<std::int64_t> order_;
  std::atomic<std::int64_t> epoch_{0};
  std::int64_t consumed_ = 0, given_ = 0;
  std::deque<std::int64_t> batches_;  // samples of each batch that was given out and not consumed
  bool is_under_way_ = false;         // a loader has begun the epoch
  bool has_consumed_ = false;         // and the loop has got a batch since
};

Sampler::Sampler(std::int64_t size, const SamplerOptions& options)
    : place_(std::make_shared<Place>(size, options)) {}

std::vector<std::int64_t> Sampler::next_batch(std::int64_t batch_size) {
  if (place_->is_under_way())
    throw Error(ErrorKind::kInvalidArgument,
                "a loader is in the middle of an epoch of this sampler")
        .remedy("use the loader or next_batch(), each with a sampler of its own");
  std::vector<std::int64_t> batch = place_->give(batch_size);
  if (!batch.empty()) place_->consume();
  return batch;
}

void Sampler::start_epoch(std::int64_t epoch) {
  place_->seek(epoch, 0);
}
void Sampler::seek(std::int64_t epoch, std::int64_t consumed) {
  place_->seek(epoch, consumed);
}
std::int64_t Sampler::epoch() const {
  return place_->epoch();
}
std::int64_t Sampler::consumed() const {
  return place_->consumed();
}
std::int64_t Sampler::size() const {
  return place_->length();
}

std::int64_t Sampler::batches_per_epoch(std::int64_t batch_size) const {
  check_positive(batch_size, "batch size");
  const std::int64_t of_rank = place_->length() / place_->options().ranks;
  const bool partial = !place_->options().drop_last && of_rank % batch_size != 0;
  return of_rank / batch_size + (partial ? 1 : 0);
}

void Sampler::reset(typename OptionalOf<Indices>::Size new_size) {
  if (new_size && static_cast<std::int64_t>(*new_size) != place_->length())
    throw Error(ErrorKind::kInvalidArgument, "a loader wants a sampler of another size")
        .expected(std::to_string(place_->length()))
        .found(std::to_string(*new_size));
  place_->begin();
}

Sampler::Indices Sampler::next(std::size_t batch_size) {
  const std::vector<std::int64_t> batch = place_->give(static_cast<std::int64_t>(batch_size));
  if (batch.empty()) return {};
  return std::vector<std::size_t>(batch.begin(), batch.end());
}

void Sampler::consume() {
  place_->consume();
}
void Sampler::end_epoch() {
  place_->seek(place_->epoch() + 1, 0);
}

void Sampler::save(torch::serialize::OutputArchive& archive) const {
  archive.write("epoch", torch::tensor(epoch(), torch::kInt64), /*is_buffer=*/true);
  archive.write("consumed", torch::tensor(consumed(), torch::kInt64), /*is_buffer=*/true);
}

void Sampler::load(torch::serialize::InputArchive& archive) {
  const auto read = [&](const char* name) {
    torch::Tensor value = torch::empty({}, torch::kInt64);
    archive.read(name, value, /*is_buffer=*/true);
    return value.item<std::int64_t>();
  };
  seek(read("epoch"), read("consumed"));
}

void Sampler::save(StateWriter& writer) const {
  place_->require_counted();
  const SamplerOptions& options = place_->options();
  writer.integer("seed", static_cast<std::int64_t>(options.seed));
  writer.integer("size", size());
  writer.boolean("shuffle", options.shuffle);
  if (const std::int64_t choice = choice_of(options); choice != 0) writer.integer("choice", choice);
  writer.integer("epoch", epoch());
  writer.integer("consumed", consumed());
}

void Sampler::load(const StateReader& reader) {
  check_same(reader, size(), place_->options());
  const std::int64_t epoch = reader.integer("epoch");
  const std::int64_t consumed = reader.integer("consumed");
  check_position(epoch, consumed, size());
  seek(epoch, consumed);
}

}  // namespace holdfast
