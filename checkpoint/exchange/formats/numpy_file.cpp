// Files of numpy.savez (.npz): a zip archive of arrays.
//
// Arrays are named without their ".npy". Those in Fortran order are gathered as they are read.
// Those of numpy.savez_compressed are unpacked into a temporary file (files/spool.h), each when it
// is first asked for; an array that is not as large as its header says is refused before.
//
// Arrays are written as they are, each aligned to 64 bytes.

#include <string_view>
#include <unordered_set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/formats/npy.h>
#include <holdfast/checkpoint/exchange/values/sources.h>
#include <holdfast/checkpoint/exchange/zip/archive.h>
#include <holdfast/checkpoint/exchange/zip/writer.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

constexpr std::string_view kSuffix = ".npy";

std::string name_of_array(const ZipRecord& record, const std::string& path) {
  const std::string& name = record.name;
  const bool is_array = name.size() > kSuffix.size() &&
                        name.compare(name.size() - kSuffix.size(), kSuffix.size(), kSuffix) == 0;
  if (is_array) return name.substr(0, name.size() - kSuffix.size());
  throw Error(ErrorKind::kUnsupported,
              "the entry " + format::in_quotes(name) + " is not an array of numpy")
      .at(path)
      .expected("names that end in .npy");
}

Item item_of(const std::shared_ptr<const ZipArchive>& archive, const ZipRecord& record) {
  Item item;
  item.name = name_of_array(record, archive->path());
  const std::string where = archive->path() + ", array " + format::in_quotes(item.name);
  const std::uint64_t header_bytes =
      npy_header_bytes(archive->read_start(record, kNpyPreambleBytes), where);
  const NpyHeader header = decode_npy_header(archive->read_start(record, header_bytes), where);
  item.dtype = header.dtype;
  item.shape = header.shape;
  const std::uint64_t bytes = bytes_of(item.dtype, item.shape);
  if (record.bytes - header_bytes != bytes)
    throw Error(ErrorKind::kCorrupt, "the array is not of the size that its header says")
        .at(where)
        .expected(std::to_string(bytes) + " bytes")
        .found(std::to_string(record.bytes - header_bytes));
  if (bytes == 0) return item;
  item.source = zip_source(archive, record, header_bytes);
  if (header.is_fortran_order)
    item.source = view_of(item.source, size_of(item.dtype),
                          {0, item.shape, column_major_strides(item.shape)});
  return item;
}

void check_has_name(const Item& item) {
  if (!item.name.empty()) return;
  throw Error(ErrorKind::kUnsupported, "a file of numpy cannot hold an array with an empty name")
      .remedy("give it a name, or write another format");
}

// Asked for "a", numpy takes the entry "a", or else "a.npy". So arrays "a" and "a.npy", which are
// the entries "a.npy" and "a.npy.npy", would be taken for one another.
void check_names(const std::vector<Item>& items) {
  std::unordered_set<std::string> names;
  for (const Item& item : items) {
    check_has_name(item);
    names.insert(item.name);
  }
  for (const Item& item : items)
    if (names.count(item.name + std::string(kSuffix)) != 0)
      throw Error(ErrorKind::kUnsupported,
                  "numpy takes two of the arrays for one another, as it adds .npy to names")
          .at(item.name)
          .found(format::in_quotes(item.name) + " and " +
                 format::in_quotes(item.name + std::string(kSuffix)))
          .remedy("give one of them another name, or write another format");
}

class NumpyFile final : public FileFormat {
 public:
  NumpyFile() : FileFormat(what_it_is()) {}

  bool carries(DType dtype) const override { return !npy_descr(dtype).empty(); }

  bool recognizes(const File& file) const override {
    const std::string start = bytes_at(file, 0, 4);
    return is_zip(start) || start == "PK\x05\x06";  // an archive without an entry
  }

  FileContents read(File file) const override {
    const auto archive = std::make_shared<const ZipArchive>(std::move(file));
    FileContents contents;
    contents.items.reserve(archive->records().size());
    for (const ZipRecord& record : archive->records())
      contents.items.push_back(item_of(archive, record));
    return contents;
  }

  void write(PendingFile& file, const std::vector<Item>& items, const Metadata&) const override {
    check_names(items);
    std::vector<ZipEntry> entries;
    entries.reserve(items.size());
    for (const Item& item : items)
      entries.push_back(
          {item.name + std::string(kSuffix), encode_npy_header(item.dtype, item.shape), item});
    write_zip(file, entries);
  }

 private:
  static Traits what_it_is() {
    Traits traits;
    traits.name = "numpy";
    traits.endings = {"npz"};
    return traits;
  }
};

}  // namespace

const FileFormat& numpy_format() {
  static const NumpyFile format;
  return format;
}

}  // namespace holdfast::exchange
