#include "age.h"

#include <holdfast/text/units.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace holdfast::tool {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

double seconds_since(const std::string& utc) {
  std::tm time{};
  int milliseconds = 0;
  const int read =
      std::sscanf(utc.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &time.tm_year, &time.tm_mon,
                  &time.tm_mday, &time.tm_hour, &time.tm_min, &time.tm_sec, &milliseconds);
  if (read != 7) return std::nan("");
  time.tm_year -= 1900;
  time.tm_mon -= 1;
  return std::max(0.0, now() - static_cast<double>(timegm(&time)) - milliseconds / 1e3);
}

std::string format_age(const std::string& utc) {
  const double seconds = seconds_since(utc);
  return std::isnan(seconds) ? "?" : text::format_eta(std::floor(seconds)) + " ago";
}

}  // namespace holdfast::tool
