#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::format {
namespace {

using Byte = unsigned char;

constexpr std::size_t kMaxQuotedBytes = 512;
constexpr std::size_t kMaxListed = 8;

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

// U+0000 to U+001F and U+007F to U+009F: some move a terminal's cursor, or worse.
bool is_control(std::string_view sequence) {
  const Byte last = static_cast<Byte>(sequence.back());
  if (sequence.size() == 1) return last < 0x20 || last == 0x7F;
  return sequence.size() == 2 && static_cast<Byte>(sequence[0]) == 0xC2 && last < 0xA0;
}

void append_escaped(std::string_view bytes, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const Byte byte = static_cast<Byte>(c);
    text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
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

std::string printable(std::string_view text) {
  std::string fit;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view next = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || is_control(next)) {
      append_escaped(next, fit);
    } else {
      fit += next;
    }
    text.remove_prefix(next.size());
  }
  return fit;
}

std::string in_quotes(std::string_view text) {
  return "\"" + printable(text.substr(0, kMaxQuotedBytes)) +
         (text.size() > kMaxQuotedBytes ? "…\"" : "\"");
}

std::string list_in_quotes(const std::vector<std::string>& texts) {
  std::string list;
  for (std::size_t i = 0; i < texts.size() && i <= kMaxListed; ++i)
    list += (i == 0 ? "" : ", ") + (i == kMaxListed ? "…" : in_quotes(texts[i]));
  return list;
}

}  // namespace holdfast::format
