#include <holdfast/checkpoint/load/entry_source.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/load/checkpoint_directory.h>

namespace holdfast {
namespace {

using format::kBlockBytes;

// Reads for all sources of a checkpoint. Keeps the last few blocks: many small entries may lie in
// one, and are usually asked for one after the other.
class BlockReader {
 public:
  explicit BlockReader(std::shared_ptr<const CheckpointFiles> files) : files_(std::move(files)) {}

  void copy(const format::Entry& entry, std::uint64_t offset, ByteSpan to) {
    if (to.size >= kBlockBytes) {
      SpanSink sink(to);
      return files_->read_bytes({{&entry, &sink, offset, to.size}}, 1);
    }
    std::uint64_t begin = 0;  // of the piece in the entry
    for (const format::Piece& piece : entry.pieces) {
      const std::uint64_t from = std::max(begin, offset);
      const std::uint64_t end = std::min(begin + piece.bytes, offset + to.size);
      if (from < end)
        copy_of_shard(piece.shard, piece.offset + (from - begin),
                      to.slice(from - offset, end - from));
      begin += piece.bytes;
    }
  }

 private:
  using Bytes = std::shared_ptr<const std::vector<std::byte>>;
  struct Block {
    int shard;
    std::uint64_t offset;
    Bytes bytes;
  };
  static constexpr std::size_t kBlocksKept = 4;

  void copy_of_shard(int shard, std::uint64_t offset, ByteSpan to) {
    for (std::uint64_t done = 0; done < to.size;) {
      const std::uint64_t inside = (offset + done) % kBlockBytes;
      const Bytes bytes = block(shard, offset + done - inside);
      const std::uint64_t count = std::min(bytes->size() - inside, to.size - done);
      std::memcpy(to.data + done, bytes->data() + inside, count);
      done += count;
    }
  }

  Bytes block(int shard, std::uint64_t offset) {
    if (Bytes kept = find(shard, offset)) return kept;
    const ListedFile listed = open_listed_file(files_->directory(), files_->shard(shard));
    std::vector<std::byte> read(std::min(kBlockBytes, listed.record.bytes - offset));
    listed.file.read_exactly(offset, read);
    check_blocks(read, offset, listed.record, listed.file.path());
    auto bytes = std::make_shared<const std::vector<std::byte>>(std::move(read));
    const std::lock_guard<std::mutex> lock(mutex_);
    if (kept_.size() == kBlocksKept) kept_.pop_front();
    kept_.push_back({shard, offset, bytes});
    return bytes;
  }

  Bytes find(int shard, std::uint64_t offset) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const Block& block : kept_)
      if (block.shard == shard && block.offset == offset) return block.bytes;
    return nullptr;
  }

  const std::shared_ptr<const CheckpointFiles> files_;
  std::mutex mutex_;
  std::deque<Block> kept_;  // the newest last
};

class EntrySource final : public Source {
 public:
  EntrySource(std::shared_ptr<BlockReader> reader, const format::Entry& entry, Progress progress)
      : reader_(std::move(reader)), entry_(entry), progress_(std::move(progress)) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    reader_->copy(entry_, offset, to);
    if (progress_) progress_(to.size);
  }
  void release() noexcept override { reader_.reset(); }

 private:
  std::shared_ptr<BlockReader> reader_;
  const format::Entry& entry_;  // of the reader's files
  Progress progress_;
};

Item item_of(const format::Entry& entry) {
  Item item;
  item.name = entry.name;
  item.kind = entry.kind;
  item.dtype = entry.dtype;
  item.shape = entry.shape;
  return item;
}

bool has_bytes(const format::Entry& entry) {
  return has_bytes(entry.kind) && format::bytes_of(entry) > 0;
}

}  // namespace

std::vector<Item> items_of(std::shared_ptr<const CheckpointFiles> files,
                           const std::function<bool(const format::Entry&)>& selects,
                           const Progress& progress) {
  const auto reader = std::make_shared<BlockReader>(files);
  std::vector<Item> items;
  std::unordered_map<const format::Entry*, std::string> first;  // by original, who has its bytes
  for (const format::Entry& entry : files->catalog().entries) {
    if (!selects(entry)) continue;
    const format::Entry& original = files->original(entry);
    Item& item = items.emplace_back(item_of(entry));
    const auto [owner, is_first] = first.emplace(&original, entry.name);
    if (!is_first) {
      item.alias_of = owner->second;
    } else if (has_bytes(original)) {
      item.source = std::make_shared<EntrySource>(reader, original, progress);
    }
  }
  return items;
}

}  // namespace holdfast
