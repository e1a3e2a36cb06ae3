// catalog.json. docs/format.md, "Catalog".
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/catalog_check.h>
#include <holdfast/checkpoint/format/catalog_text.h>
#include <holdfast/checkpoint/format/json/object.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "holdfast catalog";
constexpr const char* kRaw = "raw";

ordered_json to_json(const Shard& shard) {
  return {{"header_bytes", shard.header_bytes}, {"file_bytes", shard.file_bytes}};
}

ordered_json to_json(const Piece& piece) {
  return {{"shard", piece.shard}, {"offset", piece.offset}, {"bytes", piece.bytes},
          {"row", piece.row},     {"rows", piece.rows},     {"encoding", kRaw}};
}

ordered_json to_json(const Entry& entry) {
  ordered_json value = {{"name", entry.name},
                        {"kind", to_string(entry.kind)},
                        {"dtype", name_of(entry.dtype)},
                        {"shape", entry.shape}};
  if (!entry.alias_of.empty()) {
    value["alias_of"] = entry.alias_of;
    return value;
  }
  ordered_json& pieces = value["pieces"] = ordered_json::array();
  for (const Piece& piece : entry.pieces) pieces.push_back(to_json(piece));
  return value;
}

// Each shard and each entry has a line of its own, so that people can read the text and search it
// by lines.
constexpr std::string_view kFirst = "\n", kNext = ",\n";

std::string head_of(const Catalog& catalog) {
  std::string text = "{\"format\":\"" + std::string(kFormat) +
                     "\",\"version\":" + std::to_string(kFormatVersion) + ",\n\"shards\":[";
  for (std::size_t i = 0; i < catalog.shards.size(); ++i)
    text.append(i == 0 ? kFirst : kNext).append(to_json(catalog.shards[i]).dump());
  return text + "\n],\n\"entries\":[";
}

Kind kind_from(JsonObject& object) {
  const std::string name = object.text("kind");
  for (Kind kind : {Kind::kTensor, Kind::kScalar, Kind::kText, Kind::kNone, Kind::kUndefined}) {
    if (to_string(kind) == name) return kind;
  }
  throw object.wrong("an unknown kind").found(in_quotes(name));
}

DType dtype_from(JsonObject& object) {
  const std::string name = object.text("dtype");
  const auto dtype = dtype_from_name(name);
  if (!dtype) throw object.wrong("an unknown dtype").found(in_quotes(name));
  return *dtype;
}

Shape shape_from(JsonObject& object) {
  Shape shape;
  for (const JsonValue value : object.array("shape")) {
    const auto size = value.integer();
    if (!size || *size < 0)
      throw object.wrong("the shape has elements other than integers from 0 to 2^63 - 1");
    shape.push_back(*size);
  }
  return shape;
}

Shard shard_from(JsonValue value, const std::string& where, const std::string& path) {
  JsonObject object(value, where, path);
  Shard shard;
  shard.header_bytes = static_cast<std::uint64_t>(object.integer("header_bytes"));
  shard.file_bytes = static_cast<std::uint64_t>(object.integer("file_bytes"));
  object.finish();
  return shard;
}

Piece piece_from(JsonValue value, const std::string& where, const std::string& path) {
  JsonObject object(value, where, path);
  const std::string encoding = object.text("encoding");
  if (encoding != kRaw) {
    throw object.wrong("an encoding that this Holdfast does not know", ErrorKind::kVersion)
        .expected(kRaw)
        .found(in_quotes(encoding))
        .remedy("read it with the Holdfast that wrote it, or a newer one");
  }
  Piece piece;
  piece.shard = static_cast<int>(object.integer("shard", 0, kMaxShards));
  piece.offset = static_cast<std::uint64_t>(object.integer("offset"));
  piece.bytes = static_cast<std::uint64_t>(object.integer("bytes"));
  piece.row = object.integer("row");
  piece.rows = object.integer("rows");
  object.finish();
  return piece;
}

Entry entry_from(JsonValue value, const std::string& where, const std::string& path) {
  JsonObject object(value, where, path);
  Entry entry;
  entry.name = object.text("name");
  entry.kind = kind_from(object);
  entry.dtype = dtype_from(object);
  entry.shape = shape_from(object);
  if (object.optional("alias_of")) {
    entry.alias_of = object.text("alias_of");
    if (entry.alias_of.empty()) throw object.wrong("\"alias_of\" is empty");
  } else {
    for (const JsonValue piece : object.array("pieces")) {
      entry.pieces.push_back(piece_from(piece, where + ", a piece", path));
    }
  }
  object.finish();
  return entry;
}

}  // namespace

CatalogText::CatalogText(const Catalog& catalog) {
  check_structure(catalog, ErrorKind::kInvalidArgument, "");
  check_placement(catalog, ErrorKind::kInvalidArgument, "");
  update(catalog, std::vector<std::size_t>(catalog.entries.size(), kNew));
}

std::uint64_t CatalogText::memory_bytes() const {
  return 2 * text_.capacity() + lines_.capacity() * sizeof(Range);
}

void CatalogText::update(const Catalog& catalog, const std::vector<std::size_t>& from) {
  std::string& text = spare_;
  text.assign(head_of(catalog));
  std::vector<Range> lines;
  lines.reserve(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    text.append(i == 0 ? kFirst : kNext);
    const std::size_t begin = text.size();
    if (from[i] == kNew) {
      text += to_json(catalog.entries[i]).dump();
    } else {
      const Range& line = lines_[from[i]];
      text.append(text_, line.begin, line.end - line.begin);
    }
    lines.push_back({begin, text.size()});
  }
  text += "\n]}\n";
  check_size(ByteView(text), kMaxCatalogBytes, ErrorKind::kUnsupported, kCatalogFile);
  text_.swap(spare_);
  lines_ = std::move(lines);
}

std::string encode(const Catalog& catalog) {
  return CatalogText(catalog).text();
}

Catalog decode_catalog(ByteView text, const std::string& path) {
  const JsonDocument document(text, kMaxCatalogBytes, path);
  JsonObject object(document.root(), "the catalog", path);
  check_format(object, kFormat, kFormatVersion);
  Catalog catalog;
  for (const JsonValue shard : object.array("shards")) {
    catalog.shards.push_back(
        shard_from(shard, "shard " + std::to_string(catalog.shards.size()), path));
  }
  for (const JsonValue entry : object.array("entries")) {
    catalog.entries.push_back(
        entry_from(entry, "entry " + std::to_string(catalog.entries.size()), path));
  }
  object.finish();
  check_structure(catalog, ErrorKind::kCorrupt, path);
  check_placement(catalog, ErrorKind::kCorrupt, path);
  return catalog;
}

}  // namespace holdfast::format
