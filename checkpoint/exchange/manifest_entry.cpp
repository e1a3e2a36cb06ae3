#include <holdfast/checkpoint/exchange/manifest_entry.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>

namespace holdfast::exchange {

namespace {

Item text_item(const char* name, const std::string& text) {
  const ByteView bytes(text);
  Item item;
  item.name = name;
  item.kind = Kind::kText;
  item.shape = {static_cast<std::int64_t>(text.size())};
  item.source =
      std::make_shared<OwnedBytes>(std::vector<std::byte>(bytes.data, bytes.data + bytes.size));
  return item;
}

// Empty if there is none of the name.
std::optional<std::vector<std::byte>> take_text(std::vector<Item>& items, const std::string& name,
                                                const std::string& path) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) {
    return item.name == name && item.kind == Kind::kText && item.alias_of.empty();
  });
  if (found == items.end()) return std::nullopt;
  const std::uint64_t size = bytes_of(found->dtype, found->shape);
  const auto is_its_alias = [&](const Item& item) { return item.alias_of == name; };
  if (std::any_of(items.begin(), items.end(), is_its_alias))
    throw Error(ErrorKind::kCorrupt,
                "the text " + in_quotes(name) + " in the file has another name, too")
        .at(path);
  if (size > format::kMaxManifestBytes)
    throw Error(ErrorKind::kCorrupt,
                "the text of the file's entry " + in_quotes(name) + " is too long")
        .at(path)
        .expected("a text of up to " + std::to_string(format::kMaxManifestBytes) + " bytes")
        .found(std::to_string(size) + " bytes");
  std::vector<std::byte> bytes(size);
  if (size != 0) copy_bytes(*found, 0, bytes);
  items.erase(found);
  return bytes;
}

}  // namespace

Item manifest_entry(format::Manifest manifest) {
  manifest.files.clear();
  manifest.has_optional_parts = false;  // that is of the files
  manifest.journals.clear();
  manifest.retention.reset();
  return text_item(kManifestEntry, encode(manifest));
}

std::optional<format::Manifest> take_manifest(std::vector<Item>& items, const std::string& path) {
  const auto bytes = take_text(items, kManifestEntry, path);
  if (!bytes) return std::nullopt;
  format::Manifest manifest = format::decode_manifest(*bytes, path);
  manifest.has_optional_parts = false;
  return manifest;
}

Item order_entry(const std::vector<Item>& items) {
  std::string lines;
  for (const Item& item : items) lines += item.name + "\n";
  return text_item(kOrderEntry, lines);
}

std::vector<std::string> take_order(std::vector<Item>& items, const std::string& path) {
  const auto bytes = take_text(items, kOrderEntry, path);
  if (!bytes) return {};
  std::unordered_set<std::string_view> unplaced;
  for (const Item& item : items) unplaced.insert(item.name);
  std::vector<std::string> names;
  const std::string_view lines = ByteView(*bytes).text();
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    const std::string_view name = lines.substr(begin, end - begin);
    if (unplaced.erase(name) > 0) names.emplace_back(name);
    begin = end + 1;
  }
  return names;
}

std::string metadata_prefix(const FileFormat& format) {
  return std::string(format.name()) + ".";
}

}  // namespace holdfast::exchange
