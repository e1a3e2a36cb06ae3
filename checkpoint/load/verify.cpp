#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {
namespace {

using format::kBlockBytes;

// Which entries have bytes where in the shards. Sorts them when it is first asked: a sound
// checkpoint never asks.
class EntriesByPlace {
 public:
  explicit EntriesByPlace(const format::Catalog& catalog) : catalog_(catalog) {}

  // The entries that have bytes in [from, to) of the shard, in the order of the catalog.
  std::vector<std::string> names_in(int shard, std::uint64_t from, std::uint64_t to) {
    if (shard < 0) return {};
    if (by_shard_.empty()) sort_pieces();
    const std::vector<Place>& places = by_shard_[static_cast<std::size_t>(shard)];
    const auto begin = std::partition_point(places.begin(), places.end(),
                                            [&](const Place& place) { return place.end <= from; });
    std::vector<std::size_t> entries;
    for (auto place = begin; place != places.end() && place->begin < to; ++place)
      entries.push_back(place->entry);
    std::sort(entries.begin(), entries.end());
    std::vector<std::string> names;
    for (const std::size_t entry : entries) names.push_back(catalog_.entries[entry].name);
    return names;
  }

 private:
  struct Place {
    std::uint64_t begin, end;
    std::size_t entry;
  };

  // No two overlap: the catalog was checked.
  void sort_pieces() {
    by_shard_.resize(catalog_.shards.size());
    for (std::size_t i = 0; i < catalog_.entries.size(); ++i)
      for (const format::Piece& piece : catalog_.entries[i].pieces)
        if (piece.bytes > 0)
          by_shard_[static_cast<std::size_t>(piece.shard)].push_back(
              {piece.offset, piece.offset + piece.bytes, i});
    for (std::vector<Place>& places : by_shard_)
      std::sort(places.begin(), places.end(),
                [](const Place& a, const Place& b) { return a.begin < b.begin; });
  }

  const format::Catalog& catalog_;
  std::vector<std::vector<Place>> by_shard_;
};

// A checkpoint as it describes itself. Refers to what it was made of.
struct Contents {
  const Directory& directory;
  const format::Manifest& manifest;
  const format::Catalog& catalog;
  EntriesByPlace& entries;
};

// How to look at it.
struct Looking {
  VerifyDepth depth;
  int threads;
  const Progress& progress;
};

// The text of the error without the path and the remedy: Damage has the name of the file.
std::string problem_of(Error error, const std::string& file) {
  const std::string ending = "/" + file;
  const std::string& path = error.path();
  const bool is_of_file = path.size() >= ending.size() &&
                          path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
  if (is_of_file) error.at("");
  return error.remedy("").what();
}

// Runs `look`. Returns the damage that its Error(kCorrupt) proves; other errors prove nothing and
// go on.
template <typename Look>
std::optional<Damage> damage_found(const std::string& file, const Look& look) {
  try {
    look();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kCorrupt) throw;
    return Damage{file, problem_of(error, file), {}};
  }
  return std::nullopt;
}

// The same, but damage must be found twice: if bytes differ once only, the disk is not proven
// wrong.
template <typename Look>
std::optional<Damage> damage_found_twice(const std::string& file, const Look& look) {
  if (!damage_found(file, look)) return std::nullopt;
  return damage_found(file, look);
}

// The number of a shard by its file name; -1 if it is none. Takes constant time.
int shard_of(const format::Catalog& catalog, const std::string& file) {
  constexpr std::string_view kBeforeNumber = "shard-";
  if (file.compare(0, kBeforeNumber.size(), kBeforeNumber) != 0) return -1;
  const int count = static_cast<int>(catalog.shards.size());
  const long shard = std::strtol(file.c_str() + kBeforeNumber.size(), nullptr, 10);
  if (shard < 0 || shard >= count) return -1;
  return format::shard_file_name(static_cast<int>(shard), count) == file ? static_cast<int>(shard)
                                                                         : -1;
}

std::uint64_t bytes_in(const format::FileRecord& record, std::size_t block) {
  return std::min(kBlockBytes, record.bytes - block * kBlockBytes);
}

bool block_is_sound(const ListedFile& listed, std::size_t block) {
  std::vector<std::byte> bytes(bytes_in(listed.record, block));
  const bool complete = listed.file.read_at(block * kBlockBytes, bytes) == bytes.size();
  return complete && digest_of(bytes) == listed.record.blocks[block];
}

std::vector<std::size_t> damaged_blocks(const ListedFile& listed, const Looking& looking) {
  std::vector<char> damaged(listed.record.blocks.size(), 0);
  Workers(looking.threads).for_each(damaged.size(), [&](std::size_t block) {
    damaged[block] = !block_is_sound(listed, block) && !block_is_sound(listed, block) ? 1 : 0;
    if (looking.progress) looking.progress(bytes_in(listed.record, block));
  });
  std::vector<std::size_t> blocks;
  for (std::size_t block = 0; block < damaged.size(); ++block)
    if (damaged[block] != 0) blocks.push_back(block);
  return blocks;
}

void look_at_file(const Contents& files, const format::FileRecord& record, const Looking& looking,
                  std::vector<Damage>& damage) {
  const int shard = shard_of(files.catalog, record.name);
  std::optional<ListedFile> listed;
  if (auto missing = damage_found(
          record.name, [&] { listed.emplace(open_listed_file(files.directory, record)); })) {
    missing->entries = files.entries.names_in(shard, 0, record.bytes);
    damage.push_back(std::move(*missing));
    return;
  }
  if (looking.depth == VerifyDepth::kQuick) return;
  for (const std::size_t block : damaged_blocks(*listed, looking)) {
    const std::uint64_t from = block * kBlockBytes;
    const std::uint64_t to = from + bytes_in(record, block);
    damage.push_back({record.name,
                      "block " + std::to_string(block) + " (bytes " + std::to_string(from) +
                          " to " + std::to_string(to) + ") differs from its digest",
                      files.entries.names_in(shard, from, to)});
  }
}

// Reports damage unless the first `bytes` bytes of the file are those of `rebuilt`.
void compare_with_rebuilt(const Directory& directory, const format::FileRecord& record,
                          std::uint64_t bytes, const std::vector<std::byte>& rebuilt,
                          std::vector<Damage>& damage) {
  auto found = damage_found(record.name, [&] {
    const ListedFile listed = open_listed_file(directory, record);
    std::vector<std::byte> stored(bytes == rebuilt.size() ? bytes : 0);
    listed.file.read_exactly(0, stored);
    if (bytes != rebuilt.size() || stored != rebuilt)
      throw Error(ErrorKind::kCorrupt, "its HDF5 structure is not what the catalog says it is")
          .at(record.name);
  });
  if (found) damage.push_back(std::move(*found));
}

void verify_structure(const Contents& files, std::vector<Damage>& damage) {
  format::Catalog catalog = files.catalog;
  const std::vector<std::size_t> records = shard_records(files.manifest, files.catalog);
  format::ShardLayout layout(catalog);
  for (std::size_t shard = 0; shard < records.size(); ++shard) {
    const std::uint64_t bytes = files.catalog.shards[shard].header_bytes;
    const int number = static_cast<int>(shard);
    // A header that has no room for its objects is not built. A few lines of a hostile catalog can
    // ask for very many: each alias is in each shard that has a piece of its entry.
    const bool has_room = layout.least_header_bytes(number) <= bytes;
    const std::vector<std::byte> header =
        has_room ? layout.lay_out(number) : std::vector<std::byte>();
    compare_with_rebuilt(files.directory, files.manifest.files[records[shard]], bytes, header,
                         damage);
  }
  if (!(catalog == files.catalog)) {
    damage.push_back(
        {format::kCatalogFile, "the pieces do not lie where the format puts them", {}});
    return;
  }
  if (const format::FileRecord* index = files.manifest.file(format::kIndexFile))
    compare_with_rebuilt(files.directory, *index, index->bytes, format::build_index(catalog),
                         damage);
}

}  // namespace

std::vector<Damage> verify(const Directory& directory, VerifyDepth depth, int threads,
                           const Progress& progress) {
  if (!directory.type_of(format::kManifestFile)) {
    require_present(directory);
    return {{format::kManifestFile, kManifestMissing, {}}};
  }
  format::Manifest manifest;
  if (auto found =
          damage_found_twice(format::kManifestFile, [&] { manifest = read_manifest(directory); }))
    return {*found};
  format::Catalog catalog;
  if (auto found = damage_found_twice(format::kCatalogFile,
                                      [&] { catalog = read_catalog(directory, manifest); }))
    return {*found};

  EntriesByPlace entries(catalog);
  const Contents files{directory, manifest, catalog, entries};
  std::vector<Damage> damage;
  for (const format::FileRecord& record : manifest.files)
    look_at_file(files, record, {depth, threads, progress}, damage);
  if (depth == VerifyDepth::kDeep && damage.empty()) verify_structure(files, damage);
  return damage;
}

std::vector<Damage> verify_file(const CheckpointFiles& files, const std::string& name,
                                int threads) {
  std::vector<Damage> damage;
  EntriesByPlace entries(files.catalog());
  if (const format::FileRecord* record = files.manifest().file(name))
    look_at_file({files.directory(), files.manifest(), files.catalog(), entries}, *record,
                 {VerifyDepth::kFull, threads, {}}, damage);
  return damage;
}

}  // namespace holdfast
