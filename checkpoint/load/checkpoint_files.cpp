#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>

namespace holdfast {
namespace {

using format::kBlockBytes;

// How many blocks the disk is asked for before they are read, so that it is never idle.
constexpr std::size_t kBlocksAhead = 32;

// Bytes of a shard file that go to a sink.
struct Target {
  std::uint64_t offset;  // in the file
  std::uint64_t bytes;
  Sink* sink;
  std::uint64_t sink_offset;
};

// Drops the bytes: reading has verified them.
class VerifyingSink final : public Sink {
 public:
  void write(std::uint64_t, ByteView) override {}
};

// A block of a shard file, and the targets that it has bytes for.
struct Block {
  std::size_t shard;
  std::uint64_t offset;
  std::uint64_t bytes;
  std::size_t first_target;  // in the shard's targets, which are ordered by offset
};

using Targets = std::vector<std::vector<Target>>;  // by shard

Error outside(const std::string& what, const format::Entry& entry) {
  return Error(ErrorKind::kInvalidArgument, "cannot read " + what + " outside of the tensor")
      .at(entry.name);
}

ByteRequest bytes_of_rows(const ReadRequest& request) {
  const format::Entry& entry = *request.entry;
  const std::int64_t rows = entry.shape.empty() ? 1 : entry.shape.front();
  const bool begins_inside = request.row >= 0 && request.row <= rows;
  const std::int64_t count = request.rows.value_or(begins_inside ? rows - request.row : 0);
  if (!begins_inside || count < 0 || count > rows - request.row)
    throw outside("rows", entry)
        .expected("rows within 0 to " + std::to_string(rows))
        .found(std::to_string(count) + " rows from " + std::to_string(request.row) + " on");
  if (rows == 0) return {&entry, request.sink, 0, 0};
  const std::uint64_t row_bytes = format::bytes_of(entry) / static_cast<std::uint64_t>(rows);
  return {&entry, request.sink, static_cast<std::uint64_t>(request.row) * row_bytes,
          static_cast<std::uint64_t>(count) * row_bytes};
}

// Adds the parts of the request to the targets of their shards. `entry` is the one with the pieces.
void add_targets(const ByteRequest& request, const format::Entry& entry, Targets& targets) {
  const std::uint64_t end = request.offset + request.bytes;
  std::uint64_t begin = 0;  // of the piece in the entry
  for (const format::Piece& piece : entry.pieces) {
    const std::uint64_t from = std::max(begin, request.offset);
    const std::uint64_t to = std::min(begin + piece.bytes, end);
    if (from < to)
      targets[static_cast<std::size_t>(piece.shard)].push_back(
          {piece.offset + (from - begin), to - from, request.sink, from - request.offset});
    begin += piece.bytes;
  }
  if (end > begin || end < request.offset)
    throw outside("bytes", entry)
        .expected("bytes within 0 to " + std::to_string(begin))
        .found(std::to_string(request.bytes) + " from " + std::to_string(request.offset) + " on");
}

// Adds the blocks of one shard that hold bytes of its targets.
void add_blocks(std::size_t shard, std::uint64_t file_bytes, const std::vector<Target>& targets,
                std::vector<Block>& blocks) {
  std::uint64_t done = 0;  // blocks before this offset have been looked at
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::uint64_t end = targets[i].offset + targets[i].bytes;
    std::uint64_t offset = std::max(done, targets[i].offset / kBlockBytes * kBlockBytes);
    for (; offset < end; offset += kBlockBytes)
      blocks.push_back({shard, offset, std::min(kBlockBytes, file_bytes - offset), i});
    done = std::max(done, offset);
  }
}

// The sink's memory for the block, if all of it goes there and nowhere else. Else empty.
ByteSpan memory_of(const Block& block, const std::vector<Target>& targets) {
  const Target& target = targets[block.first_target];
  const std::uint64_t end = block.offset + block.bytes;
  const bool is_whole = target.offset <= block.offset && end <= target.offset + target.bytes;
  const std::size_t next = block.first_target + 1;
  const bool is_shared = next < targets.size() && targets[next].offset < end;
  const ByteSpan memory = target.sink->memory();
  if (!is_whole || is_shared || memory.data == nullptr) return {};
  return memory.slice(target.sink_offset + (block.offset - target.offset), block.bytes);
}

void scatter(const Block& block, ByteView bytes, const std::vector<Target>& targets) {
  const std::uint64_t end = block.offset + bytes.size;
  for (std::size_t i = block.first_target; i < targets.size() && targets[i].offset < end; ++i) {
    const Target& target = targets[i];
    const std::uint64_t from = std::max(target.offset, block.offset);
    const std::uint64_t to = std::min(target.offset + target.bytes, end);
    if (from >= to) continue;
    target.sink->write(target.sink_offset + (from - target.offset),
                       bytes.slice(from - block.offset, to - from));
  }
}

void read_block(const Block& block, const ListedFile& listed, const std::vector<Target>& targets,
                std::vector<std::byte>& buffer) {
  ByteSpan bytes = memory_of(block, targets);
  const bool is_in_place = bytes.data != nullptr;
  if (!is_in_place) {
    buffer.resize(kBlockBytes);
    bytes = ByteSpan(buffer).slice(0, block.bytes);
  }
  listed.file.read_exactly(block.offset, bytes);
  check_blocks(bytes, block.offset, listed.record, listed.file.path());
  if (!is_in_place) scatter(block, bytes, targets);
}

}  // namespace

CheckpointFiles::CheckpointFiles(Directory directory)
    : directory_(std::move(directory)),
      manifest_(read_manifest(directory_)),
      catalog_(read_catalog(directory_, manifest_)),
      shard_records_(shard_records(manifest_, catalog_)) {
  require_named_step(manifest_, path());
  by_name_.reserve(catalog_.entries.size());
  for (std::size_t i = 0; i < catalog_.entries.size(); ++i)
    by_name_.emplace(catalog_.entries[i].name, i);
}

const format::Entry* CheckpointFiles::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &catalog_.entries[found->second];
}

const format::FileRecord& CheckpointFiles::shard(int shard) const {
  return manifest_.files[shard_records_[static_cast<std::size_t>(shard)]];
}

const format::Entry& CheckpointFiles::original(const format::Entry& entry) const {
  return entry.alias_of.empty() ? entry : *find(entry.alias_of);
}

void CheckpointFiles::read(const std::vector<ReadRequest>& requests, int threads) const {
  std::vector<ByteRequest> in_bytes;
  in_bytes.reserve(requests.size());
  for (const ReadRequest& request : requests) in_bytes.push_back(bytes_of_rows(request));
  read_bytes(in_bytes, threads);
}

void CheckpointFiles::read_bytes(const std::vector<ByteRequest>& requests, int threads) const {
  Targets targets(catalog_.shards.size());
  for (const ByteRequest& request : requests)
    add_targets(request, original(*request.entry), targets);
  std::vector<std::unique_ptr<ListedFile>> files(targets.size());
  std::vector<Block> blocks;
  for (std::size_t shard = 0; shard < targets.size(); ++shard) {
    if (targets[shard].empty()) continue;
    std::sort(targets[shard].begin(), targets[shard].end(),
              [](const Target& a, const Target& b) { return a.offset < b.offset; });
    files[shard] = std::make_unique<ListedFile>(
        open_listed_file(directory_, this->shard(static_cast<int>(shard))));
    add_blocks(shard, files[shard]->record.bytes, targets[shard], blocks);
  }

  // The threads take the blocks in order. At each turn the disk is asked for up to two more, so
  // that it gets ahead.
  std::atomic<std::size_t> next{0}, ahead{0};
  const auto prefetch = [&](std::size_t end) {
    for (int n = 0; n < 2 && ahead < end; ++n) {
      const std::size_t i = ahead++;
      if (i >= blocks.size()) return;
      files[blocks[i].shard]->file.prefetch(blocks[i].offset, blocks[i].bytes);
    }
  };
  const auto read_in_turn = [&](std::size_t) {
    std::vector<std::byte> buffer;
    try {
      for (std::size_t i = next++; i < blocks.size(); i = next++) {
        prefetch(i + kBlocksAhead);
        read_block(blocks[i], *files[blocks[i].shard], targets[blocks[i].shard], buffer);
      }
    } catch (...) {
      next = blocks.size();  // the other threads stop
      throw;
    }
  };
  Workers workers(threads);
  workers.for_each(static_cast<std::size_t>(workers.count()), read_in_turn);
}

std::vector<MappedEntry> CheckpointFiles::map(const std::vector<const format::Entry*>& entries,
                                              int threads) const {
  std::vector<std::shared_ptr<const Mapping>> mappings(catalog_.shards.size());
  std::vector<MappedEntry> mapped;
  std::vector<ReadRequest> requests;
  VerifyingSink sink;
  for (const format::Entry* entry : entries) {
    MappedEntry& one = mapped.emplace_back();
    const std::vector<format::Piece>& pieces = original(*entry).pieces;
    if (pieces.size() != 1 || pieces.front().bytes == 0) continue;
    const auto shard = static_cast<std::size_t>(pieces.front().shard);
    if (mappings[shard] == nullptr) {
      const ListedFile listed = open_listed_file(directory_, this->shard(pieces.front().shard));
      mappings[shard] = listed.file.map(listed.record.bytes);
    }
    one.owner = mappings[shard];
    one.bytes = one.owner->bytes().slice(pieces.front().offset, pieces.front().bytes);
    requests.push_back({entry, &sink});
  }
  // Verified by read(), not in the mapped memory: a failing disk is an error here and a signal
  // there.
  read(requests, threads);
  return mapped;
}

format::Origin origin_of(const CheckpointFiles& files) {
  const format::Manifest& manifest = files.manifest();
  const std::filesystem::path whole = std::filesystem::absolute(files.path());
  std::error_code unknown;
  const std::filesystem::path path = std::filesystem::weakly_canonical(whole, unknown);
  return {manifest.run_id, manifest.step, (unknown ? whole : path).string()};
}

}  // namespace holdfast
