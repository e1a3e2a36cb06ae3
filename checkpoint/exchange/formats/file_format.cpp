#include <holdfast/checkpoint/exchange/formats/file_format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

Error cannot_hold(const FileFormat& format, const std::string& what) {
  return Error(ErrorKind::kUnsupported,
               "a file of " + std::string(format.name()) + " cannot hold " + what);
}

bool carries(const FileFormat& format, const Item& item) {
  return format.carries(item.kind) && format.carries(item.dtype);
}

void check_carried(const FileFormat& format, const Item& item) {
  if (carries(format, item)) return;
  const std::string what = item.kind == Kind::kTensor
                               ? std::string(name_of(item.dtype))
                               : "a value of the kind " + std::string(to_string(item.kind));
  throw cannot_hold(format, what)
      .at(item.name)
      .remedy("leave it out, or write a file of " +
              names_of_formats([&](const FileFormat& other) { return carries(other, item); }));
}

void check_name(const Item& item) {
  if (format::is_utf8(item.name) && item.name.find('\0') == std::string::npos) return;
  throw Error(ErrorKind::kUnsupported, "other programs cannot hold this name")
      .expected("UTF-8")
      .found(format::in_quotes(item.name));
}

using ItemsByName = std::unordered_map<std::string_view, const Item*>;

// The item that an alias is tied to.
const Item& target_of(const Item& item, const ItemsByName& by_name) {
  const auto found = by_name.find(item.alias_of);
  const bool is_sound = found != by_name.end() && found->second->alias_of.empty() &&
                        found->second->kind == item.kind && found->second->dtype == item.dtype &&
                        found->second->shape == item.shape;
  if (is_sound) return *found->second;
  throw Error(ErrorKind::kInvalidArgument,
              "it is tied to something that is not an earlier item like it")
      .at(item.name)
      .found(item.alias_of);
}

// An alias as it will be written: itself, or a copy.
Item tied_item(const FileFormat& format, const Item& item, const Item& target, bool copy_ties) {
  if (format.traits().ties) return item;
  if (!copy_ties)
    throw cannot_hold(format, "tied tensors")
        .at(item.name)
        .found("the same tensor as " + item.alias_of)
        .remedy("store a copy (--copy-ties of the tool), or write a file of " +
                names_of_formats([](const FileFormat& other) { return other.traits().ties; }));
  Item copy = item;
  copy.alias_of.clear();
  copy.source = target.source;
  return copy;
}

// The items as they will be written.
std::vector<Item> checked_items(const FileFormat& format, const std::vector<Item>& items,
                                bool copy_ties) {
  if (items.empty()) throw Error(ErrorKind::kInvalidArgument, "there is nothing to write");
  std::vector<Item> checked;
  checked.reserve(items.size());
  ItemsByName by_name;
  for (const Item& item : items) {
    check_name(item);
    check_carried(format, item);
    const bool is_tied = !item.alias_of.empty();
    checked.push_back(is_tied ? tied_item(format, item, target_of(item, by_name), copy_ties)
                              : item);
    if (!by_name.emplace(item.name, &item).second)
      throw Error(ErrorKind::kInvalidArgument, "two items have the same name").at(item.name);
  }
  return checked;
}

// Says what a file is that is not of the format.
void require_recognized(const FileFormat& format, const File& file) {
  if (format.recognizes(file)) return;
  const std::string others =
      names_of_formats([&](const FileFormat& other) { return other.recognizes(file); });
  Error error(ErrorKind::kCorrupt, "this is not a file of " + std::string(format.name()));
  error.at(file.path());
  if (others.empty())
    throw error.found(file.size() == 0 ? "it is empty" : "its content is of no known format");
  throw error.found("it looks like a file of " + others)
      .remedy("name its format (--format of the tool)");
}

}  // namespace

bool FileFormat::carries(Kind kind) const {
  return std::find(traits_.kinds.begin(), traits_.kinds.end(), kind) != traits_.kinds.end();
}

std::string_view FileFormat::needed_version(Kind, DType) const {
  return {};
}

void FileFormat::write_value(PendingFile&, const Value&) const {
  throw cannot_hold(*this, "a dict with others in it");
}

void write_file(std::shared_ptr<FileSystem> fs, const std::string& path, const FileFormat& format,
                const std::vector<Item>& items, const WriteOptions& options) {
  const std::vector<Item> checked = checked_items(format, items, options.copy_ties);
  if (!options.metadata.empty() && !format.traits().metadata)
    throw Error(ErrorKind::kInvalidArgument,
                "a file of " + std::string(format.name()) + " cannot hold metadata");
  PendingFile file(std::move(fs), path);
  format.write(file, checked, options.metadata);
  file.commit();
}

void write_value(std::shared_ptr<FileSystem> fs, const std::string& path, const FileFormat& format,
                 const Value& value) {
  if (!format.traits().nests)
    throw Error(ErrorKind::kInvalidArgument, "a file of " + std::string(format.name()) +
                                                 " cannot hold a dict with others in it");
  PendingFile file(std::move(fs), path);
  format.write_value(file, value);
  file.commit();
}

FileContents read_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                       const FileFormat& format) {
  return while_reading(path, [&] {
    File file = open_file(std::move(fs), path);
    require_recognized(format, file);
    return format.read(std::move(file));
  });
}

Value read_value(std::shared_ptr<FileSystem> fs, const std::string& path,
                 const FileFormat& format) {
  FileContents contents = read_file(std::move(fs), path, format);
  if (format.traits().nests) return std::move(contents.value);
  return while_reading(path, [&] { return value_of(contents.items); });
}

}  // namespace holdfast::exchange
