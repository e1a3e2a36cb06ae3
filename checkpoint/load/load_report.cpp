#include <holdfast/checkpoint/load/load_report.h>

#include <holdfast/checkpoint/base/quotes.h>

namespace holdfast {
namespace {

void add(std::string& text, const std::vector<std::string>& names, const char* what) {
  if (names.empty()) return;
  text += "; " + std::to_string(names.size()) + " " + what + ": " + list_in_quotes(names);
}

}  // namespace

std::string to_string(const LoadReport& report) {
  std::string text = std::to_string(report.loaded.size()) + " loaded";
  add(text, report.left, "left out by the patterns");
  add(text, report.missing, "missing from the checkpoint");
  add(text, report.unexpected, "in the checkpoint alone");
  return text;
}

}  // namespace holdfast
