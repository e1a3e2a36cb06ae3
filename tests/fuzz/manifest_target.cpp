// decode_manifest, for any bytes: as they are, and with a digest that is right.
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/manifest.h>

#include "corrupt/checkpoint_image.h"
#include "fuzz/fuzz_target.h"

namespace holdfast::testing {
namespace {

bool decodes(const std::string& text) {
  try {
    const format::Manifest manifest = format::decode_manifest(ByteView(text), "manifest.json");
    const std::string again = format::encode(manifest);
    require(format::decode_manifest(ByteView(again), "again") == manifest,
            "what was decoded can be encoded, and is the same");
    return true;
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kVersion,
            "what is wrong is damage or a newer version");
    return false;
  }
}

}  // namespace

bool try_input(std::string_view input) {
  const std::string text(input);
  const bool decoded = decodes(text);
  if (decoded || text.size() < kOwnDigestBytes) return decoded;
  return decodes(with_own_digest(text));
}

}  // namespace holdfast::testing
