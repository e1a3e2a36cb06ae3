#include <holdfast/checkpoint/load/checkpoint_directory.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

using format::kBlockBytes;

Error not_listed(const std::string& name, const std::string& directory) {
  return Error(ErrorKind::kCorrupt, "the manifest does not list a file that the checkpoint needs")
      .at(directory + "/" + format::kManifestFile)
      .expected(name)
      .remedy("use another checkpoint");
}

Error retired(const std::string& path) {
  return Error(ErrorKind::kRetired, "the checkpoint was retired by its run while it was read")
      .at(path)
      .remedy("open a newer checkpoint of the run");
}

// A file is missing. If the manifest is too, the run is removing the checkpoint: it removes the
// manifest first.
Error missing(const std::string& name, const Directory& checkpoint) {
  const std::string path = checkpoint.path() + "/" + name;
  if (!checkpoint.type_of(format::kManifestFile)) return retired(path);
  return Error(ErrorKind::kCorrupt, "a file of the checkpoint is missing")
      .at(path)
      .remedy("use another checkpoint");
}

File open_file(const Directory& checkpoint, const std::string& name) {
  try {
    return checkpoint.open_file(name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw missing(name, checkpoint);
  }
}

const format::FileRecord& record_of(const format::Manifest& manifest, const std::string& name,
                                    const std::string& directory) {
  if (const format::FileRecord* record = manifest.file(name)) return *record;
  throw not_listed(name, directory);
}

// The records of a manifest by name, for many look-ups. Files of other kinds, which no load needs,
// are left out.
class Records {
 public:
  Records(const format::Manifest& manifest, const std::string& directory) : directory_(directory) {
    for (const format::FileRecord& record : manifest.files)
      if (record.kind.empty()) by_name_.emplace(record.name, &record);
  }
  std::size_t size() const { return by_name_.size(); }
  bool has(const std::string& name) const { return by_name_.count(name) > 0; }
  const format::FileRecord& of(const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) throw not_listed(name, directory_);
    return *found->second;
  }

 private:
  const std::string& directory_;
  std::unordered_map<std::string_view, const format::FileRecord*> by_name_;
};

void check_listed(const format::Catalog& catalog, const format::Manifest& manifest,
                  const std::string& path) {
  const Records records(manifest, path);
  const int count = static_cast<int>(catalog.shards.size());
  for (int shard = 0; shard < count; ++shard) {
    const std::uint64_t expected = catalog.shards[static_cast<std::size_t>(shard)].file_bytes;
    const std::string name = format::shard_file_name(shard, count);
    const format::FileRecord& record = records.of(name);
    if (record.bytes != expected)
      throw Error(ErrorKind::kCorrupt, "manifest and catalog disagree about the size of a file")
          .at(path + "/" + record.name)
          .expected(std::to_string(expected) + " bytes, as the catalog says")
          .found(std::to_string(record.bytes) + " in the manifest")
          .remedy("use another checkpoint");
  }
  const bool has_index = !manifest.has_optional_parts || records.has(format::kIndexFile);
  if (has_index) records.of(format::kIndexFile);
  const std::size_t needed = catalog.shards.size() + (has_index ? 2 : 1);
  if (records.size() != needed)
    throw Error(ErrorKind::kCorrupt, "the manifest lists files that the catalog does not know")
        .at(path + "/" + format::kManifestFile)
        .expected(std::to_string(needed) + " files")
        .found(std::to_string(records.size()))
        .remedy("use another checkpoint");
}

}  // namespace

File open_manifest(const Directory& checkpoint) {
  try {
    return checkpoint.open_file(format::kManifestFile);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, kManifestMissing)
        .at(checkpoint.path() + "/" + format::kManifestFile)
        .remedy("use another checkpoint");
  }
}

void require_present(const Directory& checkpoint) {
  try {
    const Directory present = Directory::open(checkpoint.file_system(), checkpoint.path());
    if (present.is_same_as(checkpoint)) return;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNotFound) throw;
  }
  throw retired(checkpoint.path());
}

void require_named_step(const format::Manifest& manifest, const std::string& path) {
  const auto step = format::parse_step_directory(format::name_of_directory(path));
  if (!step || *step == manifest.step) return;
  throw Error(ErrorKind::kMismatch, "the checkpoint is not of the step that its name says")
      .at(path)
      .expected("step " + std::to_string(*step))
      .found("step " + std::to_string(manifest.step) + " in the manifest")
      .remedy("give the directory the name of its step, or one that is no step's");
}

void check_blocks(ByteView bytes, std::uint64_t offset, const format::FileRecord& record,
                  const std::string& path) {
  for (std::uint64_t done = 0; done < bytes.size; done += kBlockBytes) {
    const std::size_t block = (offset + done) / kBlockBytes;
    const Digest found = digest_of(bytes.slice(done, std::min(kBlockBytes, bytes.size - done)));
    if (found == record.blocks[block]) continue;
    throw Error(ErrorKind::kCorrupt, "block " + std::to_string(block) + " is damaged")
        .at(path)
        .expected("digest " + record.blocks[block].hex())
        .found(found.hex())
        .remedy("use another checkpoint");
  }
}

format::Manifest read_manifest(const Directory& checkpoint) {
  try {
    const File file = open_manifest(checkpoint);
    return format::decode_manifest(file.read_all(format::kMaxManifestBytes), file.path());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kNotFound) require_present(checkpoint);
    throw;
  }
}

format::Catalog read_catalog(const Directory& checkpoint, const format::Manifest& manifest) {
  const ListedFile listed = open_listed_file(checkpoint, manifest, format::kCatalogFile);
  const std::vector<std::byte> content = listed.file.read_all(format::kMaxCatalogBytes);
  if (content.size() != listed.record.bytes)
    throw Error(ErrorKind::kCorrupt, "the file changed while it was read")
        .at(listed.file.path())
        .expected(std::to_string(listed.record.bytes) + " bytes")
        .found(std::to_string(content.size()))
        .remedy("let nothing else write to the checkpoint");
  check_blocks(content, 0, listed.record, listed.file.path());
  format::Catalog catalog = format::decode_catalog(content, listed.file.path());
  check_listed(catalog, manifest, checkpoint.path());
  return catalog;
}

void require_complete(const Directory& checkpoint, const format::Manifest& manifest) {
  for (const format::FileRecord& record : manifest.files) open_listed_file(checkpoint, record);
}

std::vector<std::size_t> shard_records(const format::Manifest& manifest,
                                       const format::Catalog& catalog) {
  const int count = static_cast<int>(catalog.shards.size());
  const Records records(manifest, format::kManifestFile);
  std::vector<std::size_t> places;
  for (int shard = 0; shard < count; ++shard) {
    const format::FileRecord& record = records.of(format::shard_file_name(shard, count));
    places.push_back(static_cast<std::size_t>(&record - manifest.files.data()));
  }
  return places;
}

ListedFile open_listed_file(const Directory& checkpoint, const format::Manifest& manifest,
                            const std::string& name) {
  return open_listed_file(checkpoint, record_of(manifest, name, checkpoint.path()));
}

ListedFile open_listed_file(const Directory& checkpoint, const format::FileRecord& record) {
  ListedFile listed{open_file(checkpoint, record.name), record};
  if (listed.file.size() != record.bytes)
    throw Error(ErrorKind::kCorrupt, "the file does not have its size")
        .at(listed.file.path())
        .expected(std::to_string(record.bytes) + " bytes")
        .found(std::to_string(listed.file.size()))
        .remedy("use another checkpoint");
  return listed;
}

}  // namespace holdfast
