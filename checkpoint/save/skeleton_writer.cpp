#include <holdfast/checkpoint/save/skeleton_writer.h>

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

format::FileRecord record_without_digests(std::string name, std::uint64_t bytes) {
  return {std::move(name), bytes, std::vector<Digest>(block_count(bytes))};
}

format::FileRecord record_of(const char* name, ByteView content) {
  format::FileRecord record = record_without_digests(name, content.size);
  digest_blocks(content, record.blocks.data());
  return record;
}

}  // namespace

SkeletonWriter::SkeletonWriter(const Directory& directory, const Skeleton& skeleton)
    : directory_(directory), skeleton_(skeleton) {
  for (const ShardSkeleton& shard : skeleton.shards()) {
    shards_.push_back(directory_.create_direct(shard.file_name));
    records_.push_back(record_without_digests(shard.file_name, shard.file_bytes));
  }
}

void SkeletonWriter::write(const Segment& segment) {
  digest_blocks(segment.bytes, &records_[segment.shard].blocks[segment.offset / kBlockBytes]);
  shards_[segment.shard].write_at(segment.offset, segment.bytes);
}

void SkeletonWriter::write_structure() {
  directory_.write_new_file(format::kIndexFile, skeleton_.index());
  directory_.write_new_file(format::kCatalogFile, ByteView(skeleton_.catalog_text()));
}

std::vector<format::FileRecord> SkeletonWriter::take_records() {
  std::vector<format::FileRecord> records = std::move(records_);
  records.push_back(record_of(format::kCatalogFile, ByteView(skeleton_.catalog_text())));
  records.push_back(record_of(format::kIndexFile, skeleton_.index()));
  return records;
}

std::vector<std::function<void()>> SkeletonWriter::syncs() {
  std::vector<std::function<void()>> calls;
  for (File& shard : shards_)
    calls.emplace_back([&shard] {
      shard.sync();
      shard.close();
    });
  return calls;
}

}  // namespace holdfast
