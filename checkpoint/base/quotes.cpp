#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast {
namespace {

constexpr std::size_t kMaxQuotedBytes = 512;
constexpr std::size_t kMaxListed = 8;

}  // namespace

std::string in_quotes(std::string_view text) {
  const std::string_view shown = beginning(text, kMaxQuotedBytes);
  return "\"" + printable(shown) + (shown.size() < text.size() ? "…\"" : "\"");
}

std::string list_in_quotes(const std::vector<std::string>& texts) {
  std::string list;
  for (std::size_t i = 0; i < texts.size() && i <= kMaxListed; ++i)
    list += (i == 0 ? "" : ", ") + (i == kMaxListed ? "…" : in_quotes(texts[i]));
  return list;
}

}  // namespace holdfast
