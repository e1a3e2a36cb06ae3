#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast {
namespace {

using Byte = unsigned char;

std::size_t length_by_lead(Byte lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// Four lead bytes allow only some continuation bytes behind them. The others would be an overlong
// form (E0, F0), a surrogate (ED) or above U+10FFFF (F4).
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

bool is_continuation(char c) {
  return (static_cast<Byte>(c) & 0xC0) == 0x80;
}

// U+0000 to U+001F and U+007F to U+009F. Some of these move a terminal's cursor, or do worse.
bool is_control(std::string_view sequence) {
  const Byte last = static_cast<Byte>(sequence.back());
  if (sequence.size() == 1) return last < 0x20 || last == 0x7F;
  return sequence.size() == 2 && static_cast<Byte>(sequence[0]) == 0xC2 && last < 0xA0;
}

// U+2028 to U+202E and U+2066 to U+2069. They make one line look like two, or like a different
// line.
bool rearranges(std::string_view sequence) {
  if (sequence.size() != 3 || static_cast<Byte>(sequence[0]) != 0xE2) return false;
  const Byte second = static_cast<Byte>(sequence[1]), third = static_cast<Byte>(sequence[2]);
  return (second == 0x80 && third >= 0xA8 && third <= 0xAE) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

void append_escaped(std::string_view bytes, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const Byte byte = static_cast<Byte>(c);
    text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

std::string escaped(std::string_view text, bool keeps_lines) {
  std::string fit;
  fit.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::string_view next = text.substr(0, length == 0 ? 1 : length);
    const bool is_kept_line = keeps_lines && next == "\n";
    if (length == 0 || (is_control(next) && !is_kept_line) || rearranges(next)) {
      append_escaped(next, fit);
    } else {
      fit += next;
    }
    text.remove_prefix(next.size());
  }
  return fit;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const Byte lead = static_cast<Byte>(text[0]);
  const std::size_t length = length_by_lead(lead);
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
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
  return escaped(text, false);
}

std::string printable_lines(std::string_view text) {
  return escaped(text, true);
}

std::string_view beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && most - end < 3 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace holdfast
