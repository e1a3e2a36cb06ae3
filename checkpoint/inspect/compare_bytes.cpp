#include <holdfast/checkpoint/inspect/compare_bytes.h>

#include <algorithm>
#include <cstddef>
#include <unordered_map>

#include <holdfast/checkpoint/base/workers.h>

namespace holdfast {
namespace {

using format::kBlockBytes;

constexpr std::uint64_t kBatchBytes = 24 << 20;  // bytes that are read from each at a time
constexpr std::uint64_t kSpanCost = 1 << 10;     // an upper bound of the memory that a span takes

// A position in the bytes of an entry, which moves from the first byte to the last.
class Walk {
 public:
  // Both references must outlive this object.
  Walk(const CheckpointFiles& files, const format::Entry& entry)
      : files_(files), piece_(files.original(entry).pieces.data()) {}

  std::uint64_t offset_in_block() const { return offset() % kBlockBytes; }
  const Digest& digest() const {
    return files_.shard(piece_->shard).blocks[offset() / kBlockBytes];
  }
  // How many bytes from here on lie in the same block and in the same piece of the entry.
  std::uint64_t bytes_ahead() const {
    return std::min(piece_->bytes - in_piece_, kBlockBytes - offset_in_block());
  }
  void advance(std::uint64_t bytes) {
    in_piece_ += bytes;
    if (in_piece_ < piece_->bytes) return;
    ++piece_;
    in_piece_ = 0;
  }

 private:
  std::uint64_t offset() const { return piece_->offset + in_piece_; }  // in the shard's file

  const CheckpointFiles& files_;
  const format::Piece* piece_;
  std::uint64_t in_piece_ = 0;
};

// True if the next bytes in both walks were equal when they were written: they lie at the same
// place of blocks that have the same digest.
bool are_equal(const Walk& a, const Walk& b) {
  return a.offset_in_block() == b.offset_in_block() && a.digest() == b.digest();
}

// Bytes of a pair that lie within one block in each checkpoint.
struct Span {
  EntryPair* pair;
  std::uint64_t offset;  // in the entry
  std::uint64_t bytes;
  std::uint64_t at;  // offset in the buffers of the batch
};

// Reads and compares spans, a batch at a time.
class Batches {
 public:
  Batches(const CheckpointFiles& a, const CheckpointFiles& b, int threads, const Progress& progress)
      : a_(a), b_(b), threads_(threads), workers_(threads), progress_(progress) {
    bytes_a_.reserve(kBatchBytes);
    bytes_b_.reserve(kBatchBytes);
  }

  void add(EntryPair& pair, std::uint64_t offset, std::uint64_t bytes) {
    if (batch_bytes_ + bytes + batch_.size() * kSpanCost > kBatchBytes) finish();
    batch_.push_back({&pair, offset, bytes, batch_bytes_});
    batch_bytes_ += bytes;
  }

  // Reads and compares the spans that were added since the last batch.
  void finish() {
    read(a_, &EntryPair::a, bytes_a_);
    read(b_, &EntryPair::b, bytes_b_);
    const std::vector<Change> changes = compare();
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      const Span& span = batch_[i];
      holdfast::add(span.pair->change, changes[i], span.offset / size_of(span.pair->a->dtype));
    }
    if (progress_) progress_(batch_bytes_);
    batch_.clear();
    batch_bytes_ = 0;
  }

 private:
  void read(const CheckpointFiles& files, const format::Entry* EntryPair::*side,
            std::vector<std::byte>& bytes) {
    bytes.resize(batch_bytes_);
    std::vector<SpanSink> sinks;
    std::vector<ByteRequest> requests;
    sinks.reserve(batch_.size());
    requests.reserve(batch_.size());
    for (const Span& span : batch_) {
      sinks.emplace_back(ByteSpan(bytes).slice(span.at, span.bytes));
      requests.push_back({span.pair->*side, &sinks.back(), span.offset, span.bytes});
    }
    files.read_bytes(requests, threads_);
  }

  std::vector<Change> compare() {
    std::vector<Change> changes(batch_.size());
    const auto compare_span = [&](std::size_t i) {
      const Span& span = batch_[i];
      changes[i] =
          change_between(span.pair->a->dtype, ByteView(bytes_a_).slice(span.at, span.bytes),
                         ByteView(bytes_b_).slice(span.at, span.bytes));
    };
    workers_.for_each(batch_.size(), compare_span);
    return changes;
  }

  const CheckpointFiles& a_;
  const CheckpointFiles& b_;
  const int threads_;
  Workers workers_;
  const Progress& progress_;
  std::vector<Span> batch_;
  std::uint64_t batch_bytes_ = 0;
  std::vector<std::byte> bytes_a_, bytes_b_;
};

}  // namespace

ComparedBytes compare_bytes(const CheckpointFiles& a, const CheckpointFiles& b,
                            std::vector<EntryPair>& pairs, int threads,
                            const CompareOptions& options) {
  ComparedBytes counts;
  Batches batches(a, b, threads, options.progress);
  // Tied entries are compared once: the first pair of each tensor, by the entry that has its bytes.
  std::unordered_map<const format::Entry*, EntryPair*> first_of;
  std::vector<std::pair<EntryPair*, const EntryPair*>> tied;
  for (EntryPair& pair : pairs) {
    const auto [first, is_new] = first_of.emplace(&a.original(*pair.a), &pair);
    if (!is_new) {
      tied.emplace_back(&pair, first->second);
      continue;
    }
    Walk in_a(a, *pair.a), in_b(b, *pair.b);
    const std::uint64_t end = std::min(format::bytes_of(*pair.a), format::bytes_of(*pair.b));
    for (std::uint64_t offset = 0, bytes = 0; offset < end; offset += bytes) {
      bytes = std::min({in_a.bytes_ahead(), in_b.bytes_ahead(), end - offset});
      if (options.skip_equal_blocks && are_equal(in_a, in_b)) {
        counts.skipped += bytes;
        if (options.progress) options.progress(bytes);
      } else {
        counts.compared += bytes;
        batches.add(pair, offset, bytes);
      }
      in_a.advance(bytes);
      in_b.advance(bytes);
    }
  }
  batches.finish();
  for (const auto& [pair, first] : tied) pair->change = first->change;
  return counts;
}

}  // namespace holdfast
