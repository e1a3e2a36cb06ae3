#include <holdfast/checkpoint/save/checkpoint_writer.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/base/digest.h>

namespace holdfast {
namespace {

using format::kBlockBytes;

std::size_t block_count(std::uint64_t bytes) {
  return static_cast<std::size_t>((bytes + kBlockBytes - 1) / kBlockBytes);
}

void digest_blocks(ByteView bytes, Digest* to) {
  for (std::uint64_t offset = 0; offset < bytes.size; offset += kBlockBytes)
    *to++ = digest_of(bytes.slice(offset, std::min(kBlockBytes, bytes.size - offset)));
}

format::FileRecord empty_record(std::string name, std::uint64_t bytes) {
  return {std::move(name), bytes, std::vector<Digest>(block_count(bytes))};
}

}  // namespace

CheckpointWriter::CheckpointWriter(PendingCheckpoint pending, const Skeleton& skeleton)
    : pending_(std::move(pending)), skeleton_(skeleton) {
  for (const ShardSkeleton& shard : skeleton.shards()) {
    files_.push_back(pending_.directory().create_direct(shard.file_name));
    records_.push_back(empty_record(shard.file_name, shard.file_bytes));
  }
}

void CheckpointWriter::write(const Segment& segment) {
  digest_blocks(segment.bytes, &records_[segment.shard].blocks[segment.offset / kBlockBytes]);
  files_[segment.shard].write_at(segment.offset, segment.bytes);
}

void CheckpointWriter::write_small_file(const char* name, ByteView content) {
  File file = pending_.directory().create_file(name);
  file.write_at(0, content);
  file.sync();
  file.close();
}

void CheckpointWriter::add_record(const char* name, ByteView content) {
  records_.push_back(empty_record(name, content.size));
  digest_blocks(content, records_.back().blocks.data());
}

void CheckpointWriter::write_structure() {
  write_small_file(format::kIndexFile, skeleton_.index());
  write_small_file(format::kCatalogFile, ByteView(skeleton_.catalog_text()));
}

PendingCheckpoint CheckpointWriter::finish(format::Manifest manifest,
                                           const std::function<void()>& also, Workers& workers) {
  add_record(format::kCatalogFile, ByteView(skeleton_.catalog_text()));
  add_record(format::kIndexFile, skeleton_.index());
  manifest.files = std::move(records_);
  const std::string text = format::encode(manifest);

  // Each of them waits for the disk. Nothing is visible yet, so their order is of no account.
  std::vector<std::function<void()>> tasks;
  for (File& file : files_)
    tasks.emplace_back([&file] {
      file.sync();
      file.close();
    });
  tasks.emplace_back([&] { write_small_file(format::kManifestFile, ByteView(text)); });
  if (also) tasks.push_back(also);
  workers.for_each(tasks.size(), [&](std::size_t i) { tasks[i](); });
  return std::move(pending_);
}

}  // namespace holdfast
