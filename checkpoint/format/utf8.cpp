#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::format {
namespace {

using Byte = unsigned char;

std::size_t length_by_lead(Byte lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The leads that allow only a part of the continuation bytes as the second one.
bool second_fits(Byte lead, Byte second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second <= 0x9F;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second <= 0x8F;
    default:
      return true;
  }
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const Byte lead = static_cast<Byte>(text[0]);
  const std::size_t length = length_by_lead(lead);
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<Byte>(text[i]) & 0xC0) != 0x80) return 0;
  }
  if (length > 1 && !second_fits(lead, static_cast<Byte>(text[1]))) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace holdfast::format
