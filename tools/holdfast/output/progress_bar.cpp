#include "progress_bar.h"

#include <holdfast/text/terminal.h>
#include <holdfast/text/units.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace holdfast::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenDraws(100);
constexpr int kBarColumns = 30;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string bar(double fraction) {
  const int full = static_cast<int>(fraction * kBarColumns);
  return "[" + std::string(full, '=') + std::string(kBarColumns - full, ' ') + "]";
}

}  // namespace

ProgressBar::ProgressBar(std::string what, std::uint64_t bytes_in_all)
    : what_(std::move(what)), total_(bytes_in_all), visible_(text::is_terminal(STDERR_FILENO)) {}

ProgressBar::~ProgressBar() {
  if (visible_) std::cerr << text::kClearLine << std::flush;
}

void ProgressBar::add(std::uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  done_ += bytes;
  if (!visible_ || Clock::now() - drawn_ < kBetweenDraws) return;
  draw();
}

double ProgressBar::seconds() const {
  return seconds_between(start_, Clock::now());
}

void ProgressBar::draw() {
  drawn_ = Clock::now();
  const double fraction =
      total_ == 0 ? 1 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  const double rate = static_cast<double>(done_) / std::max(seconds(), 1e-9);
  const std::string line = what_ + "  " + bar(fraction) + "  " +
                           std::to_string(static_cast<int>(fraction * 100)) + " %  " +
                           text::format_bytes(rate) + "/s";
  const auto columns = static_cast<std::size_t>(text::terminal_columns(STDERR_FILENO) - 1);
  std::cerr << text::kClearLine << line.substr(0, columns) << std::flush;
}

}  // namespace holdfast::tool
