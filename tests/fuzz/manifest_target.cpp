// decode_manifest, for any bytes: as they are, and with a digest that is right.
#include <string>

#include <holdfast/checkpoint/format/manifest.h>

#include "corrupt/checkpoint_image.h"
#include "fuzz/fuzz_target.h"

namespace holdfast::testing {
namespace {

bool decodes(const std::string& text) {
  return decodes_to_the_same(text, format::decode_manifest, [](const format::Manifest&) {});
}

}  // namespace

bool try_input(std::string_view input) {
  const std::string text(input);
  const bool decoded = decodes(text);
  if (decoded || text.size() < kOwnDigestBytes) return decoded;
  return decodes(with_own_digest(text));
}

}  // namespace holdfast::testing
