#include <holdfast/checkpoint/exchange/formats/hdf5_file.h>

#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/file_ranges.h>
#include <holdfast/checkpoint/exchange/files/file_writer.h>
#include <holdfast/checkpoint/exchange/files/isolated.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/values/sources.h>
#include <holdfast/checkpoint/format/hdf5/plain_file.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/save/skeleton.h>

namespace holdfast::exchange {
namespace {

using format::PlainDataset;
using format::PlainFile;

// What one process tells the other: numbers of 8 bytes, and texts behind their length.
class Packer {
 public:
  void add(std::uint64_t number) {
    text_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void add(std::string_view text) {
    add(text.size());
    text_ += text;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// Believes nothing: the other process has read a file that may be made to do harm.
class Unpacker {
 public:
  explicit Unpacker(std::string_view text) : text_(text) {}

  bool is_done() const { return text_.empty(); }
  std::uint64_t number(std::uint64_t most) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    if (value > most) throw nonsense();
    return value;
  }
  std::string text() { return std::string(take(number(text_.size()))); }

  static Error nonsense() {
    return Error(ErrorKind::kCorrupt, "what libhdf5 made of the file makes no sense");
  }

 private:
  std::string_view take(std::size_t bytes) {
    if (bytes > text_.size()) throw nonsense();
    const std::string_view taken = text_.substr(0, bytes);
    text_.remove_prefix(bytes);
    return taken;
  }

  std::string_view text_;
};

std::string pack(const PlainFile& file) {
  Packer packer;
  packer.add(std::uint64_t{file.is_shard});
  for (const PlainDataset& dataset : file.datasets) {
    packer.add(dataset.name);
    packer.add(dataset.alias_of);
    packer.add(static_cast<std::uint64_t>(dataset.kind));
    packer.add(static_cast<std::uint64_t>(dataset.dtype));
    packer.add(dataset.offset);
    packer.add(dataset.shape.size());
    for (const std::int64_t size : dataset.shape) packer.add(static_cast<std::uint64_t>(size));
  }
  return packer.take();
}

PlainDataset unpack_dataset(Unpacker& unpacker) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  PlainDataset dataset;
  dataset.name = unpacker.text();
  dataset.alias_of = unpacker.text();
  dataset.kind = static_cast<Kind>(unpacker.number(static_cast<std::uint64_t>(Kind::kUndefined)));
  dataset.dtype = all_dtypes()[unpacker.number(all_dtypes().size() - 1)];
  dataset.offset = unpacker.number(kLargest);
  dataset.shape.resize(unpacker.number(kMaxRank));
  for (std::int64_t& size : dataset.shape)
    size = static_cast<std::int64_t>(unpacker.number(kLargest));
  return dataset;
}

PlainFile unpack(const std::string& packed) {
  Unpacker unpacker(packed);
  PlainFile file;
  file.is_shard = unpacker.number(1) == 1;
  while (!unpacker.is_done()) file.datasets.push_back(unpack_dataset(unpacker));
  return file;
}

// Where the datasets that are no other's names lie.
std::vector<FileRange> ranges_of(const PlainFile& plain) {
  std::vector<FileRange> ranges;
  for (const PlainDataset& dataset : plain.datasets) {
    if (!dataset.alias_of.empty() || dataset.offset == 0) continue;
    const std::uint64_t bytes = bytes_of(dataset.dtype, dataset.shape);
    ranges.push_back(
        {dataset.offset, dataset.offset + bytes, "the dataset " + format::in_quotes(dataset.name)});
  }
  return ranges;
}

Item item_of(const PlainDataset& dataset, const std::shared_ptr<const File>& file,
             std::uint64_t file_bytes) {
  Item item;
  item.name = dataset.name;
  item.kind = dataset.kind;
  item.dtype = dataset.dtype;
  item.shape = dataset.shape;
  item.alias_of = dataset.alias_of;
  const bool has_value = item.kind != Kind::kNone && item.kind != Kind::kUndefined;
  const std::uint64_t bytes = has_value ? bytes_of(item.dtype, item.shape) : 0;
  if (!item.alias_of.empty() || bytes == 0) return item;
  if (dataset.offset > file_bytes || bytes > file_bytes - dataset.offset)
    throw Unpacker::nonsense();
  item.source = std::make_shared<FileSource>(file, dataset.offset);
  return item;
}

// The signature is at the start, or behind what another program keeps there: at 512, 1024, 2048 …
void check_signature(const File& file, std::uint64_t file_bytes) {
  constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
  for (std::uint64_t at = 0; at < file_bytes; at = at == 0 ? 512 : 2 * at)
    if (bytes_at(file, at, kSignature.size()) == kSignature) return;
  const bool zip = is_zip(bytes_at(file, 0, kSignature.size()));
  throw Error(ErrorKind::kCorrupt, "this is no HDF5 file")
      .at(file.path())
      .expected("its signature")
      .found(file_bytes == 0 ? "an empty file"
             : zip           ? "a zip archive"
                             : "something else");
}

PlainFile list(const File& file, std::uint64_t file_bytes) {
  const format::FileBytes bytes{
      file_bytes, [&](std::uint64_t offset, ByteSpan to) { file.read_exactly(offset, to); }};
  format::prepare_libhdf5_for_forks();
  return unpack(run_isolated("libhdf5 cannot read the file",
                             [&] { return pack(format::list_datasets(bytes)); }));
}

}  // namespace

Hdf5Contents read_hdf5_file(File file) {
  const auto shared = std::make_shared<const File>(std::move(file));
  const std::uint64_t file_bytes = shared->size();
  check_signature(*shared, file_bytes);
  return while_reading(shared->path(), [&] {
    const PlainFile plain = list(*shared, file_bytes);
    Hdf5Contents contents;
    contents.is_shard = plain.is_shard;
    for (const PlainDataset& dataset : plain.datasets)
      contents.items.push_back(item_of(dataset, shared, file_bytes));
    require_apart(ranges_of(plain), shared->path());
    return contents;
  });
}

void write_hdf5_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                     const std::vector<Item>& items) {
  PendingFile file(std::move(fs), path);
  const Skeleton skeleton(items, 1);
  for_each_part(skeleton.shards().front().file_bytes, [&](std::uint64_t offset, ByteSpan part) {
    skeleton.fill(0, offset, part, items);
    file.write_at(offset, part);
  });
  file.commit();
}

}  // namespace holdfast::exchange
