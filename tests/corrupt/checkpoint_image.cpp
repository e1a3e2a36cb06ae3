#include "corrupt/checkpoint_image.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/save/saver.h>

#include "disk/memory_file_system.h"
#include "support/items.h"

namespace holdfast::testing {
namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<Item> items(std::int64_t step) {
  const auto value = static_cast<float>(step);
  const Item weight = floats("models/net/parameters/weight", {24, 32}, value);
  Item note = item("user/note", DType::kUInt8, {5}, bytes_of(std::vector<char>(5, 'n')));
  note.kind = Kind::kText;
  return {weight,
          alias("models/net/parameters/tied", weight),
          floats("models/net/parameters/bias", {33}, value * 100),
          item("models/net/buffers/mask", DType::kBool, {7}, std::vector<std::byte>(7)),
          item("models/net/buffers/empty", DType::kInt64, {0, 3}, {}),
          integer("progress/step", step),
          none("optimizers/adam/groups/0/max_eval"),
          std::move(note)};
}

CheckpointImage image_of(const Disk& disk, const std::string& path) {
  CheckpointImage image;
  for (const auto& [name, node] : disk.find(*disk.at(path))->entries)
    image.files[name] = text_of(disk.find(node)->bytes);
  return image;
}

Change link(NodeId directory, const std::string& name, NodeId target, bool is_directory) {
  Change change;
  change.kind = Change::Kind::kLink;
  change.node = directory;
  change.name = name;
  change.target = target;
  change.target_is_directory = is_directory;
  return change;
}

Change write(NodeId file, const std::string& content) {
  Change change;
  change.node = file;
  const auto* const bytes = reinterpret_cast<const std::byte*>(content.data());
  change.bytes.assign(bytes, bytes + content.size());
  return change;
}

}  // namespace

CheckpointImage saved_image(std::int64_t step) {
  const auto fs = std::make_shared<MemoryFileSystem>();
  RunStore store(fs, "/run");
  SaverOptions options;
  options.shards = 2;
  options.threads = 1;
  Saver saver(store, options);
  SaveJob job;
  job.manifest.step = step;
  job.manifest.created = "2026-01-31T12:00:00.000Z";
  job.manifest.run_id = std::string(32, 'a');
  job.manifest.configuration = {{"seed", "7"}};
  job.manifest.metrics = {{"loss", 0.5}};
  job.items = items(step);
  saver.save(std::move(job));
  saver.wait();
  return image_of(fs->disk(), "/run/checkpoints/" + format::step_directory_name(step));
}

Directory on_disk(const CheckpointImage& image) {
  constexpr NodeId kCheckpoint = kRoot + 1;
  Disk disk;
  disk.apply(link(kRoot, "checkpoint", kCheckpoint, true));
  NodeId node = kCheckpoint;
  for (const auto& [name, content] : image.files) {
    disk.apply(link(kCheckpoint, name, ++node, false));
    disk.apply(write(node, content));
  }
  for (const std::string& name : image.directories)
    disk.apply(link(kCheckpoint, name, ++node, true));
  return Directory::open(std::make_shared<MemoryFileSystem>(std::move(disk)), "/checkpoint");
}

Values values_of(const CheckpointImage& image) {
  const CheckpointFiles files(on_disk(image));
  Values values;
  std::vector<std::unique_ptr<MemorySink>> sinks;
  std::vector<ReadRequest> requests;
  for (const format::Entry& entry : files.catalog().entries) {
    sinks.push_back(std::make_unique<MemorySink>(format::bytes_of(entry)));
    requests.push_back({&entry, sinks.back().get()});
  }
  files.read(requests, 1);
  for (std::size_t i = 0; i < requests.size(); ++i)
    values[requests[i].entry->name] = std::move(sinks[i]->bytes);
  return values;
}

format::Catalog catalog_of(const CheckpointImage& image) {
  const std::string& text = image.files.at(format::kCatalogFile);
  return format::decode_catalog(ByteView(text), format::kCatalogFile);
}

std::vector<std::string> entries_in(const format::Catalog& catalog, int shard, std::uint64_t from,
                                    std::uint64_t to) {
  std::vector<std::string> names;
  for (const format::Entry& entry : catalog.entries)
    for (const format::Piece& piece : entry.pieces)
      if (piece.shard == shard &&
          std::max(from, piece.offset) < std::min(to, piece.offset + piece.bytes))
        names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string with_own_digest(std::string manifest) {
  manifest.resize(manifest.size() - kOwnDigestBytes);
  const std::string digest = digest_of(ByteView(manifest)).hex();
  return manifest + "\"digest\":\"" + digest + "\"}\n";
}

void forge(CheckpointImage& image, const std::string& name, std::string content) {
  std::string& manifest = image.files.at(format::kManifestFile);
  format::Manifest decoded = format::decode_manifest(ByteView(manifest), name);
  for (format::FileRecord& record : decoded.files)
    if (record.name == name) vouch_for(record, content);
  manifest = format::encode(decoded);
  image.files[name] = std::move(content);
}

void vouch_for(format::FileRecord& record, std::string_view content) {
  record.bytes = content.size();
  record.blocks.clear();
  for (std::size_t at = 0; at < content.size(); at += format::kBlockBytes)
    record.blocks.push_back(digest_of(ByteView(content.substr(at, format::kBlockBytes))));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("there is no " + std::string(from));
  return text.replace(at, from.size(), to);
}

}  // namespace holdfast::testing
