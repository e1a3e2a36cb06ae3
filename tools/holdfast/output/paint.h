// Colours for text on a terminal.
#pragma once

#include <holdfast/text/terminal.h>
#include <unistd.h>

#include <string>

namespace holdfast::tool {

// Paints text that goes to the standard output. Returns it unchanged if the standard output is not
// a terminal or NO_COLOR is set.
class Paint {
 public:
  Paint() : on_(text::wants_color(STDOUT_FILENO)) {}

  std::string bold(const std::string& text) const { return paint("1", text); }
  std::string dim(const std::string& text) const { return paint("2", text); }
  std::string red(const std::string& text) const { return paint("31", text); }
  std::string green(const std::string& text) const { return paint("32", text); }
  std::string yellow(const std::string& text) const { return paint("33", text); }

 private:
  std::string paint(const char* code, const std::string& text) const {
    return on_ && !text.empty() ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }

  bool on_;
};

}  // namespace holdfast::tool
