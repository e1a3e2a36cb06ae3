#include <holdfast/checkpoint/exchange/formats/file_format.h>

#include <array>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/file_writer.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/formats/hdf5_file.h>
#include <holdfast/checkpoint/exchange/formats/npy.h>
#include <holdfast/checkpoint/exchange/formats/numpy_file.h>
#include <holdfast/checkpoint/exchange/formats/torch_file.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

struct Ending {
  std::string_view text;
  FileFormat format;
};

constexpr std::array<Ending, 6> kEndings = {{
    {".pt", FileFormat::kTorch},
    {".pth", FileFormat::kTorch},
    {".safetensors", FileFormat::kSafetensors},
    {".npz", FileFormat::kNumpy},
    {".h5", FileFormat::kHdf5},
    {".hdf5", FileFormat::kHdf5},
}};

std::string names_that_carry(const Item& item) {
  std::string names;
  for (const FileFormat format : all_file_formats()) {
    if (!carries(format, item.dtype) || !carries(format, item.kind)) continue;
    names += (names.empty() ? "" : " or ") + std::string(name_of(format));
  }
  return names;
}

std::string describe(const Item& item) {
  if (item.kind == Kind::kTensor) return std::string(name_of(item.dtype));
  return "a value of the kind " + std::string(to_string(item.kind));
}

void check_carried(FileFormat format, const Item& item) {
  const bool carried = carries(format, item.dtype) && carries(format, item.kind);
  if (!carried)
    throw Error(ErrorKind::kUnsupported,
                "a file of " + std::string(name_of(format)) + " cannot hold " + describe(item))
        .at(item.name)
        .remedy("leave it out, or write " + names_that_carry(item));
}

void check_name(const Item& item) {
  if (format::is_utf8(item.name) && item.name.find('\0') == std::string::npos) return;
  throw Error(ErrorKind::kUnsupported, "a name that other programs cannot hold")
      .expected("UTF-8")
      .found(format::in_quotes(item.name));
}

using ItemsByName = std::unordered_map<std::string_view, const Item*>;

// What an alias stands for.
const Item& target_of(const Item& item, const ItemsByName& by_name) {
  const auto found = by_name.find(item.alias_of);
  const bool is_sound = found != by_name.end() && found->second->alias_of.empty() &&
                        found->second->kind == item.kind && found->second->dtype == item.dtype &&
                        found->second->shape == item.shape;
  if (is_sound) return *found->second;
  throw Error(ErrorKind::kInvalidArgument, "an alias of something that is no earlier item like it")
      .at(item.name)
      .found(item.alias_of);
}

// An alias as it is to be written: itself, or a copy.
Item tied_item(FileFormat format, const Item& item, const Item& target, bool copy_ties) {
  if (carries_ties(format)) return item;
  if (!copy_ties)
    throw Error(ErrorKind::kUnsupported,
                "a file of " + std::string(name_of(format)) + " cannot hold tied tensors")
        .at(item.name)
        .found("the same tensor as " + item.alias_of)
        .remedy("store a copy (--copy-ties of the tool), or write PyTorch or HDF5");
  Item copy = item;
  copy.alias_of.clear();
  copy.source = target.source;
  return copy;
}

// The items as they are to be written.
std::vector<Item> checked_items(FileFormat format, const std::vector<Item>& items, bool copy_ties) {
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

std::string_view needed_pytorch(DType dtype) {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E5M2:
      return "PyTorch 2.1";
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2FNUZ:
      return "PyTorch 2.2";
    case DType::kUInt16:
    case DType::kUInt32:
    case DType::kUInt64:
      return "PyTorch 2.3";
    case DType::kFloat8E8M0FNU:
      return "PyTorch 2.7";
    default:
      return {};
  }
}

std::string_view needed_safetensors(DType dtype) {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E5M2:
      return "safetensors 0.4.2";
    case DType::kComplex64:
    case DType::kFloat8E8M0FNU:
      return "safetensors 0.7";
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2FNUZ:
      return "safetensors 0.8";
    default:
      return {};
  }
}

FileContents read_as(FileFormat format, File file) {
  switch (format) {
    case FileFormat::kTorch:
      return {read_torch_file(std::move(file)), {}};
    case FileFormat::kSafetensors: {
      SafetensorsContents contents = read_safetensors_file(std::move(file));
      return {value_of(contents.items), std::move(contents.metadata)};
    }
    case FileFormat::kNumpy:
      return {value_of(read_numpy_file(std::move(file))), {}};
    case FileFormat::kHdf5:
      break;
  }
  return {value_of(read_hdf5_file(std::move(file)).items), {}};
}

}  // namespace

const std::vector<FileFormat>& all_file_formats() {
  static const std::vector<FileFormat> formats = {FileFormat::kTorch, FileFormat::kSafetensors,
                                                  FileFormat::kNumpy, FileFormat::kHdf5};
  return formats;
}

std::string_view name_of(FileFormat format) {
  constexpr std::array<std::string_view, 4> kNames = {"PyTorch", "safetensors", "numpy", "HDF5"};
  return kNames[static_cast<std::size_t>(format)];
}

std::optional<FileFormat> file_format_of(std::string_view path) {
  for (const Ending& ending : kEndings) {
    const bool ends_so = path.size() > ending.text.size() &&
                         path.substr(path.size() - ending.text.size()) == ending.text;
    if (ends_so) return ending.format;
  }
  return std::nullopt;
}

bool carries(FileFormat format, DType dtype) {
  switch (format) {
    case FileFormat::kTorch:
    case FileFormat::kHdf5:
      return true;
    case FileFormat::kSafetensors:
      return !safetensors_name(dtype).empty();
    case FileFormat::kNumpy:
      return !npy_descr(dtype).empty();
  }
  return false;
}

bool carries(FileFormat format, Kind kind) {
  switch (format) {
    case FileFormat::kTorch:
      return kind != Kind::kUndefined;
    case FileFormat::kHdf5:
      return true;
    case FileFormat::kSafetensors:
    case FileFormat::kNumpy:
      return kind == Kind::kTensor;
  }
  return false;
}

bool carries_ties(FileFormat format) {
  return format == FileFormat::kTorch || format == FileFormat::kHdf5;
}

std::string_view needed_version(FileFormat format, DType dtype) {
  if (format == FileFormat::kTorch) return needed_pytorch(dtype);
  return format == FileFormat::kSafetensors ? needed_safetensors(dtype) : std::string_view();
}

void write_file(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format,
                const std::vector<Item>& items, const WriteOptions& options) {
  const std::vector<Item> checked = checked_items(format, items, options.copy_ties);
  if (!options.metadata.empty() && format != FileFormat::kSafetensors)
    throw Error(ErrorKind::kInvalidArgument,
                "a file of " + std::string(name_of(format)) + " cannot hold metadata");
  switch (format) {
    case FileFormat::kTorch:
      return write_torch_file(std::move(fs), path, value_of(checked));
    case FileFormat::kSafetensors:
      return write_safetensors_file(std::move(fs), path, checked, options.metadata);
    case FileFormat::kNumpy:
      return write_numpy_file(std::move(fs), path, checked);
    case FileFormat::kHdf5:
      return write_hdf5_file(std::move(fs), path, checked);
  }
}

FileContents read_file(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format) {
  return while_reading(path, [&] { return read_as(format, open_file(std::move(fs), path)); });
}

}  // namespace holdfast::exchange
