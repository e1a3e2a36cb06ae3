// How far a command has got with reading or writing, on a terminal only.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace holdfast::tool {

// Draws "verifying  [=====>    ]  52 %  1.9 GiB/s" in place on the standard error, if that is a
// terminal; nothing elsewhere. Gone when this is. Threads: add() may be called by several at once.
class ProgressBar {
 public:
  ProgressBar(std::string what, std::uint64_t bytes_in_all);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void add(std::uint64_t bytes);
  double seconds() const;  // since its construction

 private:
  void draw();

  const std::string what_;
  const std::uint64_t total_;
  const bool visible_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace holdfast::tool
