#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <algorithm>
#include <string>
#include <utility>

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/happens_before.h>
#include <holdfast/checkpoint/load/members.h>

namespace holdfast {
namespace {

using format::kBlockBytes;
constexpr std::uint64_t kChunkBytes = 8 * kBlockBytes;  // read at once

// Bytes of a shard file that go to a sink.
struct Target {
  std::uint64_t offset;  // in the file
  std::uint64_t bytes;
  Sink* sink;
  std::uint64_t sink_offset;
};

// Whole blocks of a shard file, and the targets they have bytes for.
struct Chunk {
  std::size_t shard;
  std::uint64_t offset;
  std::uint64_t bytes;
  std::size_t first_target;  // in the shard's targets, which are ordered by offset
};

using Targets = std::vector<std::vector<Target>>;  // by shard

std::uint64_t row_bytes(const format::Entry& entry, const format::Piece& piece) {
  if (entry.shape.empty()) return piece.bytes;
  return piece.rows == 0 ? 0 : piece.bytes / static_cast<std::uint64_t>(piece.rows);
}

void check_rows(const ReadRequest& request, const format::Entry& entry, std::int64_t end) {
  const std::int64_t rows = entry.shape.empty() ? 1 : entry.shape.front();
  if (request.row >= 0 && end >= request.row && end <= rows) return;
  throw Error(ErrorKind::kInvalidArgument, "rows outside of the tensor are asked for")
      .at(entry.name)
      .expected("rows within 0 to " + std::to_string(rows))
      .found(std::to_string(request.row) + " to " + std::to_string(end));
}

void add_targets(const ReadRequest& request, const format::Entry& entry, Targets& targets) {
  const std::int64_t rows = entry.shape.empty() ? 1 : entry.shape.front();
  const std::int64_t end = request.rows < 0 ? rows : request.row + request.rows;
  check_rows(request, entry, end);
  for (const format::Piece& piece : entry.pieces) {
    const std::int64_t from = std::max(piece.row, request.row);
    const std::int64_t to = std::min(piece.row + piece.rows, end);
    const std::uint64_t row = row_bytes(entry, piece);
    if (from >= to || row == 0) continue;
    targets[static_cast<std::size_t>(piece.shard)].push_back(
        {piece.offset + static_cast<std::uint64_t>(from - piece.row) * row,
         static_cast<std::uint64_t>(to - from) * row, request.sink,
         static_cast<std::uint64_t>(from - request.row) * row});
  }
}

// The blocks that hold the targets of one shard, in chunks; blocks that hold none are left out.
void add_chunks(std::size_t shard, std::uint64_t file_bytes, const std::vector<Target>& targets,
                std::vector<Chunk>& chunks) {
  std::uint64_t done = 0;  // blocks before it are in a chunk
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::uint64_t end =
        std::min(file_bytes, round_up(targets[i].offset + targets[i].bytes, kBlockBytes));
    std::uint64_t offset = std::max(done, targets[i].offset / kBlockBytes * kBlockBytes);
    while (offset < end) {
      const bool extend = !chunks.empty() && chunks.back().shard == shard &&
                          chunks.back().offset + chunks.back().bytes == offset &&
                          chunks.back().bytes < kChunkBytes;
      const std::uint64_t bytes = std::min(kBlockBytes, end - offset);
      if (extend) {
        chunks.back().bytes += bytes;
      } else {
        chunks.push_back({shard, offset, bytes, i});
      }
      offset += bytes;
    }
    done = std::max(done, end);
  }
}

void scatter(const Chunk& chunk, ByteView bytes, const std::vector<Target>& targets) {
  const std::uint64_t end = chunk.offset + bytes.size;
  for (std::size_t i = chunk.first_target; i < targets.size() && targets[i].offset < end; ++i) {
    const Target& target = targets[i];
    const std::uint64_t from = std::max(target.offset, chunk.offset);
    const std::uint64_t to = std::min(target.offset + target.bytes, end);
    if (from >= to) continue;
    target.sink->write(target.sink_offset + (from - target.offset),
                       bytes.slice(from - chunk.offset, to - from));
  }
}

}  // namespace

CheckpointFiles::CheckpointFiles(Directory directory)
    : directory_(std::move(directory)),
      manifest_(read_manifest(directory_)),
      catalog_(read_catalog(directory_, manifest_)) {
  by_name_.reserve(catalog_.entries.size());
  for (std::size_t i = 0; i < catalog_.entries.size(); ++i)
    by_name_.emplace(catalog_.entries[i].name, i);
}

const format::Entry* CheckpointFiles::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &catalog_.entries[found->second];
}

void CheckpointFiles::read(const std::vector<ReadRequest>& requests, int threads) const {
  Targets targets(catalog_.shards.size());
  for (const ReadRequest& request : requests) {
    const format::Entry* entry = request.entry;
    if (!entry->alias_of.empty()) entry = find(entry->alias_of);
    add_targets(request, *entry, targets);
  }
  const int count = static_cast<int>(targets.size());
  std::vector<std::unique_ptr<Member>> members(targets.size());
  std::vector<Chunk> chunks;
  for (std::size_t shard = 0; shard < targets.size(); ++shard) {
    if (targets[shard].empty()) continue;
    std::sort(targets[shard].begin(), targets[shard].end(),
              [](const Target& a, const Target& b) { return a.offset < b.offset; });
    members[shard] = std::make_unique<Member>(open_member(
        directory_, manifest_, format::shard_file_name(static_cast<int>(shard), count)));
    add_chunks(shard, members[shard]->record.bytes, targets[shard], chunks);
  }

  tbb::enumerable_thread_specific<std::vector<std::byte>> buffers;
  tbb::task_arena arena(std::max(1, threads));
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, chunks.size(), [&](std::size_t i) {
      const Chunk& chunk = chunks[i];
      const Member& member = *members[chunk.shard];
      std::vector<std::byte>& buffer = buffers.local();
      if (buffer.size() < chunk.bytes) buffer.resize(chunk.bytes);
      const ByteSpan bytes = ByteSpan(buffer).slice(0, chunk.bytes);
      member.file.read_exactly(chunk.offset, bytes);
      check_blocks(bytes, chunk.offset, member.record, member.file.path());
      scatter(chunk, bytes, targets[chunk.shard]);
      happens_before(&chunks);
    });
  });
  happens_after(&chunks);
}

}  // namespace holdfast
