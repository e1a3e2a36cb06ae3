#include <holdfast/checkpoint/exchange/formats/safetensors_file.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/files/file_writer.h>
#include <holdfast/checkpoint/exchange/values/sources.h>
#include <holdfast/checkpoint/format/json/members.h>
#include <holdfast/checkpoint/format/json/object.h>
#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::exchange {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::uint64_t kLengthBytes = 8;  // of the header's length in front of it
constexpr const char* kMetadata = "__metadata__";

struct Named {
  DType dtype;
  std::string_view name;
};

constexpr std::array<Named, 19> kNames = {{
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

std::optional<DType> dtype_named(std::string_view name) {
  for (const Named& known : kNames)
    if (known.name == name) return known.dtype;
  return std::nullopt;
}

// A tensor of the header: its bytes are [begin, end) of what is behind the header.
struct Described {
  Item item;
  std::uint64_t begin, end;
};

class Reader {
 public:
  explicit Reader(File file) : file_(std::make_shared<const File>(std::move(file))) {}

  SafetensorsContents read() {
    const std::vector<std::byte> header = read_header();
    const format::JsonDocument document(header, kMaxHeaderBytes, file_->path());
    if (!document.root().is_object()) throw damaged("the header is no object");
    SafetensorsContents contents;
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
    const std::uint64_t size = file_->size();
    std::uint64_t length = 0;
    if (size >= kLengthBytes) file_->read_exactly(0, ByteSpan(&length, kLengthBytes));
    if (length < 2 || length > kMaxHeaderBytes || length > size - kLengthBytes)
      throw damaged("this is no file of safetensors")
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
    if (!value.is_object()) throw damaged("the metadata are no object");
    Metadata metadata;
    for (const format::JsonValue element : value) {
      if (!element.is_text()) throw damaged("metadata that are no strings");
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
    const auto known = dtype_named(dtype);
    if (!known)
      throw object.wrong("a dtype that a checkpoint cannot hold", ErrorKind::kUnsupported)
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
      throw object.wrong("the offsets do not go with dtype and shape")
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
        throw object.wrong("\"" + std::string(key) + "\" has what is no number from 0 on")
            .found(element.description());
      numbers.push_back(*number);
    }
    return numbers;
  }

  // In the order of their bytes, which follow one another.
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
      throw damaged("the tensors are not what the file has")
          .expected(std::to_string(next) + " bytes behind the header")
          .found(std::to_string(data_bytes_));
  }

  std::shared_ptr<const File> file_;
  std::uint64_t data_ = 0, data_bytes_ = 0;  // where the tensors' bytes begin, and how many
};

void require_utf8(const std::string& text, const char* what) {
  if (format::is_utf8(text)) return;
  throw Error(ErrorKind::kUnsupported, std::string(what) + " that safetensors cannot hold")
      .expected("UTF-8")
      .found(format::in_quotes(text));
}

nlohmann::ordered_json metadata_json(const Metadata& metadata) {
  format::JsonMembers members;
  for (const auto& [key, value] : metadata) {
    require_utf8(key, "a key of metadata");
    require_utf8(value, "metadata");
    members.add(key, value);
  }
  return members.take();
}

// Largest elements first, so that each tensor is aligned to its own.
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
    require_utf8(item->name, "the name of a tensor");
    if (item->name == kMetadata)
      throw Error(ErrorKind::kUnsupported, "a tensor with a name that safetensors uses itself")
          .at(item->name);
    const std::uint64_t end = offset + bytes_of(item->dtype, item->shape);
    const nlohmann::ordered_json described = {{"dtype", safetensors_name(item->dtype)},
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

}  // namespace

std::string_view safetensors_name(DType dtype) {
  for (const Named& known : kNames)
    if (known.dtype == dtype) return known.name;
  return {};
}

SafetensorsContents read_safetensors_file(File file) {
  return Reader(std::move(file)).read();
}

void write_safetensors_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                            const std::vector<Item>& items, const Metadata& metadata) {
  PendingFile file(std::move(fs), path);
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
  file.commit();
}

}  // namespace holdfast::exchange
