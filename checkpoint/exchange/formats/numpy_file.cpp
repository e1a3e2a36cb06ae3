#include <holdfast/checkpoint/exchange/formats/numpy_file.h>

#include <string_view>
#include <unordered_set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/file_writer.h>
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
              "the entry " + format::in_quotes(name) + " is no array of numpy")
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

// numpy looks for "a.npy" where "a.npy" is asked for, and for that of "a" where nothing else is.
void check_names(const std::vector<Item>& items) {
  std::unordered_set<std::string> names;
  for (const Item& item : items) {
    check_has_name(item);
    names.insert(item.name);
  }
  for (const Item& item : items)
    if (names.count(item.name + std::string(kSuffix)) != 0)
      throw Error(ErrorKind::kUnsupported,
                  "two arrays that numpy takes for one another, by the ending .npy")
          .at(item.name)
          .found(format::in_quotes(item.name) + " and " +
                 format::in_quotes(item.name + std::string(kSuffix)))
          .remedy("give one of them another name, or write another format");
}

}  // namespace

std::vector<Item> read_numpy_file(File file) {
  const auto archive = std::make_shared<const ZipArchive>(std::move(file));
  std::vector<Item> items;
  items.reserve(archive->records().size());
  for (const ZipRecord& record : archive->records()) items.push_back(item_of(archive, record));
  return items;
}

void write_numpy_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                      const std::vector<Item>& items) {
  check_names(items);
  PendingFile file(std::move(fs), path);
  std::vector<ZipEntry> entries;
  entries.reserve(items.size());
  for (const Item& item : items)
    entries.push_back(
        {item.name + std::string(kSuffix), encode_npy_header(item.dtype, item.shape), item});
  write_zip(file, entries);
  file.commit();
}

}  // namespace holdfast::exchange
