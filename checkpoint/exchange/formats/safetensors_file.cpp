// Files of safetensors: the length of a JSON header, the header, and the bytes of the tensors.
// https://github.com/huggingface/safetensors, "Format".
//
// A file is Error(kCorrupt) unless it is what the format says: a header of 100 MB at most, strict
// JSON, no name twice, the bytes of the tensors one behind the other, without a gap, to the end of
// the file.

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/pending_file.h>
#include <holdfast/checkpoint/exchange/files/reading.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/values/dtype_names.h>
#include <holdfast/checkpoint/exchange/values/sources.h>
#include <holdfast/checkpoint/format/json/members.h>
#include <holdfast/checkpoint/format/json/object.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::uint64_t kLengthBytes = 8;  // the header's length, at the start of the file
constexpr const char* kMetadata = "__metadata__";

constexpr DTypeNames<19> kNames = {{
    {DType::kFloat32, "F32"},
    {DType::kFloat64, "F64"},
    {DType::kFloat16, "F16"},
    {DType::kBFloat16, "BF16"},
    {DType::kComplex64, "C64"},
    {DType::kBool, "BOOL"},
    {DType::kInt8, "I8"},
    {DType::kInt16, "I16"},
    {DType::kInt32, "I32"},
    {DType::kInt64, "I64"},
    {DType::kUInt8, "U8"},
    {DType::kUInt16, "U16"},
    {DType::kUInt32, "U32"},
    {DType::kUInt64, "U64"},
    {DType::kFloat8E4M3FN, "F8_E4M3"},
    {DType::kFloat8E5M2, "F8_E5M2"},
    {DType::kFloat8E4M3FNUZ, "F8_E4M3FNUZ"},
    {DType::kFloat8E5M2FNUZ, "F8_E5M2FNUZ"},
    {DType::kFloat8E8M0FNU, "F8_E8M0"},
}};

// As the file says; 0 if it is too short for that.
std::uint64_t header_length(const File& file) {
  const std::string bytes = bytes_at(file, 0, kLengthBytes);
  std::uint64_t length = 0;
  if (bytes.size() == kLengthBytes) std::memcpy(&length, bytes.data(), kLengthBytes);
  return length;
}

bool is_possible(std::uint64_t header_length, std::uint64_t file_bytes) {
  return header_length >= 2 && header_length <= kMaxHeaderBytes &&
         header_length <= file_bytes - kLengthBytes;
}

// A tensor, as the header describes it. Its bytes are [begin, end) of those behind the header.
struct Described {
  Item item;
  std::uint64_t begin, end;
};

class Reader {
 public:
  explicit Reader(File file) : file_(std::make_shared<const File>(std::move(file))) {}

  FileContents read() {
    const std::vector<std::byte> header = read_header();
    const format::JsonDocument document(header, kMaxHeaderBytes, file_->path());
    if (!document.root().is_object()) throw damaged("the header is not a JSON object");
    FileContents contents;
    std::vector<Described> tensors;
    for (const format::JsonValue element : document.root()) {
      if (element.key() == kMetadata) {
        contents.metadata = metadata_of(element);
      } else {
        tensors.push_back(describe(element));
      }
    }
    place(tensors);
    for (Described& tensor : tensors) contents.items.push_back(std::move(tensor.item));
    return contents;
  }

 private:
  Error damaged(const std::string& problem) const {
    return Error(ErrorKind::kCorrupt, problem).at(file_->path());
  }

  std::vector<std::byte> read_header() {
    const std::uint64_t size = file_->size(), length = header_length(*file_);
    if (!is_possible(length, size))
      throw damaged("this is not a file of safetensors")
          .expected("a header of at most " + std::to_string(kMaxHeaderBytes) +
                    " bytes within the file")
          .found(std::to_string(length) + " in a file of " + std::to_string(size));
    std::vector<std::byte> header(length);
    file_->read_exactly(kLengthBytes, header);
    if (header[0] != std::byte{'{'}) throw damaged("the header does not begin with an object");
    data_ = kLengthBytes + length;
    data_bytes_ = size - data_;
    return header;
  }

  Metadata metadata_of(const format::JsonValue& value) const {
    if (!value.is_object()) throw damaged("the metadata is not a JSON object");
    Metadata metadata;
    for (const format::JsonValue element : value) {
      if (!element.is_text()) throw damaged("the metadata has values that are not strings");
      metadata.emplace(element.key(), element.text());
    }
    return metadata;
  }

  Described describe(const format::JsonValue& value) const {
    const std::string where = "tensor " + format::in_quotes(value.key());
    format::JsonObject object(value, where, file_->path());
    const std::string dtype = object.text("dtype");
    const std::vector<std::int64_t> offsets = integers(object, "data_offsets");
    Described tensor;
    tensor.item.name = value.key();
    tensor.item.shape = integers(object, "shape");
    object.finish();
    const auto known = dtype_in(kNames, dtype);
    if (!known)
      throw object.wrong("a checkpoint cannot hold the dtype", ErrorKind::kUnsupported)
          .found(format::in_quotes(dtype));
    tensor.item.dtype = *known;
    if (tensor.item.shape.size() > kMaxRank)
      throw object.wrong("too many dimensions", ErrorKind::kUnsupported)
          .expected(std::to_string(kMaxRank) + " at most")
          .found(std::to_string(tensor.item.shape.size()));
    const std::uint64_t bytes = bytes_of(*known, tensor.item.shape);
    const bool fits = offsets.size() == 2 && offsets[0] <= offsets[1] &&
                      static_cast<std::uint64_t>(offsets[1] - offsets[0]) == bytes;
    if (!fits)
      throw object.wrong("the offsets do not fit dtype and shape")
          .expected("two that are " + std::to_string(bytes) + " bytes apart")
          .found(to_string(offsets));
    tensor.begin = static_cast<std::uint64_t>(offsets[0]);
    tensor.end = static_cast<std::uint64_t>(offsets[1]);
    return tensor;
  }

  static std::vector<std::int64_t> integers(format::JsonObject& object, const char* key) {
    std::vector<std::int64_t> numbers;
    for (const format::JsonValue element : object.array(key)) {
      const auto number = element.integer();
      if (!number || *number < 0)
        throw object
            .wrong("\"" + std::string(key) + "\" has a value that is not an integer of 0 or more")
            .found(element.description());
      numbers.push_back(*number);
    }
    return numbers;
  }

  // Sorts the tensors by their bytes, which must follow one another, and gives them sources.
  void place(std::vector<Described>& tensors) const {
    std::sort(tensors.begin(), tensors.end(), [](const Described& a, const Described& b) {
      return std::make_pair(a.begin, a.end) < std::make_pair(b.begin, b.end);
    });
    std::uint64_t next = 0;
    for (Described& tensor : tensors) {
      if (tensor.begin != next)
        throw damaged("tensor " + format::in_quotes(tensor.item.name) +
                      (tensor.begin < next ? " overlaps another" : " leaves a gap before it"))
            .expected("offset " + std::to_string(next))
            .found(std::to_string(tensor.begin));
      if (tensor.end > tensor.begin)
        tensor.item.source = std::make_shared<FileSource>(file_, data_ + tensor.begin);
      next = tensor.end;
    }
    if (next != data_bytes_)
      throw damaged("the tensors do not fill the file")
          .expected(std::to_string(next) + " bytes behind the header")
          .found(std::to_string(data_bytes_));
  }

  std::shared_ptr<const File> file_;
  std::uint64_t data_ = 0, data_bytes_ = 0;  // where the tensors' bytes begin; their number
};

void require_utf8(const std::string& text, const char* what) {
  if (format::is_utf8(text)) return;
  throw Error(ErrorKind::kUnsupported, "safetensors cannot hold " + std::string(what))
      .expected("UTF-8")
      .found(format::in_quotes(text));
}

nlohmann::ordered_json metadata_json(const Metadata& metadata) {
  format::JsonMembers members;
  for (const auto& [key, value] : metadata) {
    require_utf8(key, "this key of metadata");
    require_utf8(value, "this text of metadata");
    members.add(key, value);
  }
  return members.take();
}

// The largest elements first, so that each tensor is aligned to the size of its elements.
std::vector<const Item*> in_file_order(const std::vector<Item>& items) {
  std::vector<const Item*> ordered;
  for (const Item& item : items) ordered.push_back(&item);
  std::stable_sort(ordered.begin(), ordered.end(), [](const Item* a, const Item* b) {
    return size_of(a->dtype) > size_of(b->dtype);
  });
  return ordered;
}

std::string encode_header(const std::vector<const Item*>& items, const Metadata& metadata) {
  std::string text = "{";
  if (!metadata.empty()) text += "\"__metadata__\":" + metadata_json(metadata).dump() + ",";
  std::uint64_t offset = 0;
  for (const Item* item : items) {
    require_utf8(item->name, "this name of a tensor");
    if (item->name == kMetadata)
      throw Error(ErrorKind::kUnsupported, "safetensors uses this name itself").at(item->name);
    const std::uint64_t end = offset + bytes_of(item->dtype, item->shape);
    const nlohmann::ordered_json described = {{"dtype", name_in(kNames, item->dtype)},
                                              {"shape", item->shape},
                                              {"data_offsets", {offset, end}}};
    text += nlohmann::ordered_json(item->name).dump() + ":" + described.dump() + ",";
    offset = end;
  }
  if (text.back() == ',') text.pop_back();
  text += "}";
  text.resize(round_up(text.size(), kLengthBytes), ' ');
  if (text.size() <= kMaxHeaderBytes) return text;
  throw Error(ErrorKind::kUnsupported, "the header would be larger than safetensors allows")
      .expected(std::to_string(kMaxHeaderBytes) + " bytes at most")
      .found(std::to_string(text.size()));
}

class SafetensorsFile final : public FileFormat {
 public:
  SafetensorsFile() : FileFormat(what_it_is()) {}

  bool carries(DType dtype) const override { return !name_in(kNames, dtype).empty(); }

  std::string_view needed_version(Kind, DType dtype) const override {
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

  bool recognizes(const File& file) const override {
    return bytes_at(file, kLengthBytes, 1) == "{" || is_possible(header_length(file), file.size());
  }

  FileContents read(File file) const override { return Reader(std::move(file)).read(); }

  void write(PendingFile& file, const std::vector<Item>& items,
             const Metadata& metadata) const override {
    const std::vector<const Item*> ordered = in_file_order(items);
    const std::string header = encode_header(ordered, metadata);
    const std::uint64_t length = header.size();
    file.write_at(0, ByteView(&length, kLengthBytes));
    file.write_at(kLengthBytes, ByteView(header));
    std::uint64_t offset = kLengthBytes + length;
    for (const Item* item : ordered)
      for_each_part(*item, [&](ByteView part) {
        file.write_at(offset, part);
        offset += part.size;
      });
  }

 private:
  static Traits what_it_is() {
    Traits traits;
    traits.name = "safetensors";
    traits.endings = {"safetensors"};
    traits.metadata = true;
    traits.usual_metadata = {{"format", "pt"}};
    return traits;
  }
};

}  // namespace

const FileFormat& safetensors_format() {
  static const SafetensorsFile format;
  return format;
}

}  // namespace holdfast::exchange
