// HDF5 files (.h5, .hdf5): those that anybody may have written, and shards of Holdfast.
//
// The datasets are found by their paths, in the order of these; format/hdf5/plain_file.h says what
// is refused. Attributes are not read, but for those by which a shard tells kinds and dtypes. Of
// two names of one dataset the second is tied to the first. libhdf5 looks at the file in a process
// of its own (files/isolated.h), so that damage by which it crashes or hangs is an Error(kCorrupt)
// here; the values are read without it. A program whose other threads use libhdf5 at that moment
// may see an Error(kCorrupt) though the file is sound, and has to try again.
//
// A file is written as one shard that holds everything (docs/format.md, "Shards"), ties as hard
// links. Its names are names of entries (format/names.h).

#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/files/file_ranges.h>
#include <holdfast/checkpoint/exchange/files/isolated.h>
#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/values/sources.h>
#include <holdfast/checkpoint/format/hdf5/plain_file.h>
#include <holdfast/checkpoint/save/skeleton.h>

namespace holdfast::exchange {
namespace {

using format::PlainDataset;
using format::PlainFile;

// The message of the process that looks at the file: numbers of 8 bytes, and texts with their
// length in front.
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

// Reads that message, and trusts nothing in it: the file may have taken over the other process.
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
    return Error(ErrorKind::kCorrupt, "what libhdf5 found in the file is impossible");
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

// Where the datasets lie. Other names of a dataset do not count.
std::vector<FileRange> ranges_of(const PlainFile& plain) {
  std::vector<FileRange> ranges;
  for (const PlainDataset& dataset : plain.datasets) {
    if (!dataset.alias_of.empty() || dataset.offset == 0) continue;
    const std::uint64_t bytes = bytes_of(dataset.dtype, dataset.shape);
    ranges.push_back(
        {dataset.offset, dataset.offset + bytes, "the dataset " + in_quotes(dataset.name)});
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
  const bool has_value = has_bytes(item.kind);
  const std::uint64_t bytes = has_value ? bytes_of(item.dtype, item.shape) : 0;
  if (!item.alias_of.empty() || bytes == 0) return item;
  if (dataset.offset > file_bytes || bytes > file_bytes - dataset.offset)
    throw Unpacker::nonsense();
  item.source = std::make_shared<FileSource>(file, dataset.offset);
  return item;
}

PlainFile list(const File& file, std::uint64_t file_bytes) {
  const format::FileBytes bytes{
      file_bytes, [&](std::uint64_t offset, ByteSpan to) { file.read_exactly(offset, to); }};
  format::prepare_libhdf5_for_forks();
  return unpack(run_isolated("libhdf5 cannot read the file",
                             [&] { return pack(format::list_datasets(bytes)); }));
}

class Hdf5File final : public FileFormat {
 public:
  Hdf5File() : FileFormat(what_it_is()) {}

  bool carries(DType) const override { return true; }

  // The signature is at the start, or behind what another program keeps there: at 512, 1024, …
  bool recognizes(const File& file) const override {
    constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
    const std::uint64_t file_bytes = file.size();
    for (std::uint64_t at = 0; at < file_bytes; at = at == 0 ? 512 : 2 * at)
      if (bytes_at(file, at, kSignature.size()) == kSignature) return true;
    return false;
  }

  FileContents read(File file) const override {
    const auto shared = std::make_shared<const File>(std::move(file));
    const std::uint64_t file_bytes = shared->size();
    const PlainFile plain = list(*shared, file_bytes);
    FileContents contents;
    contents.names = plain.is_shard ? FileContents::Names::kEntries : FileContents::Names::kPaths;
    for (const PlainDataset& dataset : plain.datasets)
      contents.items.push_back(item_of(dataset, shared, file_bytes));
    require_apart(ranges_of(plain), shared->path());
    return contents;
  }

  void write(PendingFile& file, const std::vector<Item>& items, const Metadata&) const override {
    const Skeleton skeleton(items, 1);
    for_each_part(skeleton.shards().front().file_bytes, [&](std::uint64_t offset, ByteSpan part) {
      skeleton.fill(0, offset, part, items);
      file.write_at(offset, part);
    });
  }

 private:
  static Traits what_it_is() {
    Traits traits;
    traits.name = "HDF5";
    traits.endings = {"h5", "hdf5"};
    traits.kinds = {Kind::kTensor, Kind::kScalar, Kind::kText, Kind::kNone, Kind::kUndefined};
    traits.ties = true;
    traits.entries = true;
    return traits;
  }
};

}  // namespace

const FileFormat& hdf5_format() {
  static const Hdf5File format;
  return format;
}

}  // namespace holdfast::exchange
