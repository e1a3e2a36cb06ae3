#include <holdfast/checkpoint/format/names.h>

#include <fnmatch.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast::format {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

void append_escaped(char c, std::string& text) {
  const auto byte = static_cast<unsigned char>(c);
  text += '%';
  text += kHexDigits[byte >> 4];
  text += kHexDigits[byte & 15];
}

bool stands_for_itself(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c != '%' && c != '/' && byte >= 32 && byte != 127;
}

bool is_dots(std::string_view component) {
  return component == "." || component == "..";
}

// The byte that two upper-case hex digits stand for; -1 if these are not two such digits.
int byte_from_hex(std::string_view digits) {
  if (digits.size() != 2) return -1;
  const auto high = kHexDigits.find(digits[0]);
  const auto low = kHexDigits.find(digits[1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return -1;
  return static_cast<int>(high << 4 | low);
}

// Replaces each %XX, also where escape() would not have written one. Empty if a '%' is not followed
// by two hex digits.
std::optional<std::string> replace_escapes(std::string_view text) {
  std::string component;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      component += text[i];
      continue;
    }
    const int byte = byte_from_hex(text.substr(i + 1, 2));
    if (byte < 0) return std::nullopt;
    component += static_cast<char>(byte);
    i += 2;
  }
  return component;
}

}  // namespace

std::string escape(std::string_view component) {
  if (component.empty()) return "%";
  const bool dots = is_dots(component);
  std::string text;
  text.reserve(component.size());
  while (!component.empty()) {
    const std::size_t length = utf8_sequence(component);
    if (length > 1 || (length == 1 && !dots && stands_for_itself(component[0]))) {
      text += component.substr(0, length);
    } else {
      append_escaped(component[0], text);
    }
    component.remove_prefix(length == 0 ? 1 : length);
  }
  return text;
}

std::optional<std::string> unescape(std::string_view text) {
  if (text == "%") return "";
  std::optional<std::string> component = replace_escapes(text);
  if (!component || escape(*component) != text) return std::nullopt;
  return component;
}

std::string join(std::initializer_list<std::string_view> components) {
  std::string name;
  for (std::string_view component : components) {
    if (!name.empty()) name += '/';
    name += escape(component);
  }
  if (name.empty()) throw Error(ErrorKind::kInvalidArgument, "a name needs at least one component");
  if (components.size() > kMaxNameComponents) {
    throw Error(ErrorKind::kInvalidArgument, "the name " + name.substr(0, 64) + "… is too deep")
        .expected(std::to_string(kMaxNameComponents) + " components at most")
        .found(std::to_string(components.size()));
  }
  if (name.size() > kMaxNameBytes) {
    throw Error(ErrorKind::kInvalidArgument, "the name " + name.substr(0, 64) + "… is too long")
        .expected(std::to_string(kMaxNameBytes) + " bytes at most, escaped")
        .found(std::to_string(name.size()) + " bytes")
        .remedy("register the object under a shorter name");
  }
  return name;
}

std::vector<std::string_view> components_of(std::string_view name) {
  std::vector<std::string_view> components;
  for (std::size_t slash = 0; slash != std::string_view::npos;) {
    slash = name.find('/');
    components.push_back(name.substr(0, slash));
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  }
  return components;
}

std::optional<std::vector<std::string>> split(std::string_view name) {
  std::vector<std::string> components;
  for (const std::string_view escaped : components_of(name)) {
    std::optional<std::string> component = unescape(escaped);
    if (!component) return std::nullopt;
    components.push_back(std::move(*component));
  }
  return components;
}

bool is_valid_name(std::string_view name) {
  if (name.size() > kMaxNameBytes) return false;
  const auto components = split(name);
  return components && components->size() <= kMaxNameComponents;
}

bool matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

std::string literal(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace holdfast::format
