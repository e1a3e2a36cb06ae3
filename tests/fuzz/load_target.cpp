// A whole checkpoint directory, opened, verified as deeply as can be, and read.
//
// The input: a flag, then the files, divided by kDivider: manifest, catalog, index, shards. The
// manifest's own digest is made right; with the flag 'V' the manifest also vouches for the files as
// they are, so that what they say is believed.
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/load_input.h"

namespace holdfast::testing {
namespace {

std::vector<std::string> divided(std::string_view input) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = input.find(kDivider);
    parts.emplace_back(input.substr(0, end));
    if (end == std::string_view::npos) return parts;
    input.remove_prefix(end + kDivider.size());
  }
}

CheckpointImage image_of(const std::vector<std::string>& parts) {
  CheckpointImage image;
  const int shards = static_cast<int>(parts.size()) - 3;
  for (int part = 0; part < static_cast<int>(parts.size()); ++part) {
    const std::string name = part == 0   ? format::kManifestFile
                             : part == 1 ? format::kCatalogFile
                             : part == 2 ? format::kIndexFile
                                         : format::shard_file_name(part - 3, shards);
    image.files[name] = parts[static_cast<std::size_t>(part)];
  }
  return image;
}

void make_manifest_vouch(CheckpointImage& image, bool for_files) {
  std::string& text = image.files.at(format::kManifestFile);
  if (text.size() < kOwnDigestBytes) return;
  text = with_own_digest(text);
  if (!for_files) return;
  try {
    format::Manifest manifest = format::decode_manifest(ByteView(text), "");
    for (format::FileRecord& record : manifest.files)
      if (image.files.count(record.name) != 0) vouch_for(record, image.files.at(record.name));
    text = format::encode(manifest);
  } catch (const Error&) {  // it stays as it is, and is refused
  }
}

// Empty: it was refused, as damaged or of a newer version.
template <typename Action>
auto result_of(const Action& action) -> std::optional<decltype(action())> {
  try {
    return action();
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kVersion,
            error.what());
    return std::nullopt;
  }
}

}  // namespace

bool try_input(std::string_view input) {
  if (input.empty()) return false;
  CheckpointImage image = image_of(divided(input.substr(1)));
  make_manifest_vouch(image, input[0] == 'V');

  const auto full =
      result_of([&] { return verify(on_disk(image), VerifyDepth::kFull, 1).empty(); });
  const auto deep =
      result_of([&] { return verify(on_disk(image), VerifyDepth::kDeep, 1).empty(); });
  const auto values = result_of([&] { return values_of(image); });
  require(!full.value_or(false) || values, "what was found sound can be read");
  require(!deep.value_or(false) || *full, "what is sound in depth is sound");
  return values.has_value();
}

}  // namespace holdfast::testing
