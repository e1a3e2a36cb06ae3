#include "wording.h"

#include <set>
#include <sstream>
#include <string_view>

namespace holdfast::tool {
namespace {

constexpr std::string_view kHurts = "  hurts ";  // begins a line of a reason; an entry follows

}  // namespace

std::string joined(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

std::string readable_time(const std::string& utc) {
  std::string time = utc.substr(0, 19);
  if (time.size() == 19) time[10] = ' ';
  return time;
}

std::string in_short(const std::string& reason) {
  std::istringstream lines(reason);
  std::string text, line;
  std::getline(lines, text);
  std::set<std::string> hurt;
  std::size_t others = 0;
  while (std::getline(lines, line)) {
    if (line.rfind(kHurts, 0) == 0) {
      hurt.insert(line.substr(kHurts.size()));
    } else {
      ++others;
    }
  }
  if (others > 0)
    text += " (and " + std::to_string(others) + (others == 1 ? " line" : " lines") + " more)";
  if (hurt.size() == 1) text += ", hurts " + *hurt.begin();
  if (hurt.size() > 1) text += ", hurts " + std::to_string(hurt.size()) + " entries";
  return text;
}

}  // namespace holdfast::tool
