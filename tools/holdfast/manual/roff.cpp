#include "roff.h"

#include <holdfast/checkpoint/base/utf8.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <regex>
#include <sstream>

namespace holdfast::tool::roff {
namespace {

constexpr std::size_t kWidth = 79;
constexpr const char* kExitStatus = "Exit status:";

// What troff reads as something else, or shows as another character than a user would type.
const char* name_of(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '"':
      return "\\(dq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return nullptr;
  }
}

// "\[u2026]"
std::string code_point(const std::string& sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  unsigned code = first & (0xFFU >> (sequence.size() + 1));
  for (std::size_t i = 1; i < sequence.size(); ++i)
    code = code << 6 | (static_cast<unsigned char>(sequence[i]) & 0x3FU);
  char text[16];
  std::snprintf(text, sizeof text, "\\[u%04X]", code);
  return text;
}

std::string in_font(char font, const std::string& text) {
  return std::string("\\f") + font + escaped(text) + "\\fR";
}

// `text` escaped, but for what matches, which `set` sets.
template <typename Set>
std::string escaped_around(const std::regex& pattern, const std::string& text, Set set) {
  std::string out;
  auto end = text.cbegin();
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), last; at != last; ++at) {
    out += escaped({end, text.cbegin() + at->position()}) + set(at->str());
    end = text.cbegin() + at->position() + at->length();
  }
  return out + escaped({end, text.cend()});
}

bool begins(const std::string& text, const char* beginning) {
  return text.compare(0, std::strlen(beginning), beginning) == 0;
}

// "  75   stopped on request" -> its mark; `text` becomes what is behind it.
std::string take_mark(std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  const std::size_t end = std::min(text.find("  ", begin), text.size());
  const std::string mark = text.substr(begin, end - begin);
  text.erase(0, std::min(text.find_first_not_of(' ', end), text.size()));
  return mark;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence(std::string_view(text).substr(i));
    if (length > 1) {
      out += code_point(text.substr(i, length));
    } else if (const char* const name = name_of(text[i])) {
      out += name;
    } else {
      out += text[i];
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::string bold(const std::string& text) {
  return in_font('B', text);
}

std::string italic(const std::string& text) {
  return in_font('I', text);
}

std::string usage(const std::string& text) {
  static const std::regex pattern("--[a-z-]+|[A-Z]+");
  return escaped_around(pattern, text, [](const std::string& found) {
    return found[0] == '-' ? bold(found) : italic(found);
  });
}

std::string filled(const std::string& text) {
  static const std::regex option("--[a-z][a-z-]*");
  std::istringstream words(escaped_around(option, text, bold));
  std::string out;
  std::size_t column = 0;
  for (std::string word; words >> word;) {
    if (column > 0 && column + 1 + word.size() > kWidth) {
      out += '\n';
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    // At the beginning of a line a full stop would begin a request.
    if (column == 0 && word[0] == '.') word.insert(0, "\\&");
    out += word;
    column += word.size();
  }
  return out + "\n";
}

std::string body(const std::string& text) {
  std::string out;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) out += filled(paragraph);
    paragraph.clear();
  };
  std::istringstream lines(text);
  bool in_list = false;
  bool behind_blank = false;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos) {
      behind_blank = true;
      continue;
    }
    if (indent == 2) {
      end_paragraph();
      const std::string mark = take_mark(line);
      out += ".TP\n" + bold(mark) + "\n";
      in_list = true;
    } else if (begins(line, kExitStatus)) {
      end_paragraph();
      out += ".SH EXIT STATUS\n";
      line.erase(0, std::strlen(kExitStatus));
      in_list = false;
    } else if (indent == 0 && (in_list || behind_blank)) {
      end_paragraph();
      out += ".PP\n";
      in_list = false;
    }
    behind_blank = false;
    paragraph += (paragraph.empty() ? "" : " ") + line;
  }
  end_paragraph();
  return out;
}

}  // namespace holdfast::tool::roff
