#include <holdfast/checkpoint/base/time.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace holdfast {

std::string to_utc(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::duration_cast<milliseconds>(time.time_since_epoch());
  const std::time_t seconds = since_epoch.count() / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const std::string thousandths = std::to_string(1000 + since_epoch.count() % 1000);
  return text.data() + ("." + thousandths.substr(1)) + "Z";
}

std::string utc_now() {
  return to_utc(std::chrono::system_clock::now());
}

bool is_utc(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
  return text.size() == kForm.size() &&
         std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) {
           return form == '0' ? c >= '0' && c <= '9' : c == form;
         });
}

}  // namespace holdfast
