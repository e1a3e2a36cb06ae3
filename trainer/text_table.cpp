#include <holdfast/trainer/text_table.h>

#include <algorithm>

namespace holdfast::trainer {
namespace {

constexpr std::size_t kGap = 4;  // the least space between a label and its value

std::size_t columns_of(std::string_view utf8) {
  const auto starts_code_point = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), starts_code_point));
}

std::size_t width_of(std::string_view title, const std::vector<TableRow>& rows) {
  std::size_t label_width = 0, value_width = 0;
  for (const auto& [label, value] : rows) {
    label_width = std::max(label_width, columns_of(label));
    value_width = std::max(value_width, columns_of(value));
  }
  return std::max(columns_of(title), label_width + kGap + value_width);
}

}  // namespace

std::string format_table(std::string_view title, const std::vector<TableRow>& rows) {
  const std::size_t width = width_of(title, rows);
  const std::string rule = std::string(width, '-') + '\n';
  std::string text = std::string(title) + '\n' + rule;
  for (const auto& [label, value] : rows) {
    text += label + std::string(width - columns_of(label) - columns_of(value), ' ') + value + '\n';
  }
  return text + rule;
}

}  // namespace holdfast::trainer
