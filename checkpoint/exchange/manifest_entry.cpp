#include <holdfast/checkpoint/exchange/manifest_entry.h>

#include <algorithm>
#include <memory>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/file_format.h>

namespace holdfast::exchange {

Item manifest_entry(format::Manifest manifest) {
  manifest.files.clear();
  manifest.journals.clear();
  manifest.retention.reset();
  const std::string text = encode(manifest);
  const ByteView bytes(reinterpret_cast<const std::byte*>(text.data()), text.size());
  Item item;
  item.name = kManifestEntry;
  item.kind = format::Kind::kText;
  item.shape = {static_cast<std::int64_t>(text.size())};
  item.source =
      std::make_shared<OwnedBytes>(std::vector<std::byte>(bytes.data, bytes.data + bytes.size));
  return item;
}

std::optional<format::Manifest> take_manifest(std::vector<Item>& items, const std::string& path) {
  const auto found = std::find_if(items.begin(), items.end(), [](const Item& item) {
    return item.name == kManifestEntry && item.kind == format::Kind::kText && item.source;
  });
  if (found == items.end()) return std::nullopt;
  const std::uint64_t size = format::bytes_of(found->dtype, found->shape);
  if (size > format::kMaxManifestBytes)
    throw Error(ErrorKind::kCorrupt, "the manifest in the file is too large").at(path);
  std::vector<std::byte> bytes(size);
  copy_bytes(*found, 0, bytes);
  format::Manifest manifest = format::decode_manifest(bytes, path);
  items.erase(found);
  return manifest;
}

std::string metadata_prefix() {
  return std::string(name_of(FileFormat::kSafetensors)) + ".";
}

}  // namespace holdfast::exchange
