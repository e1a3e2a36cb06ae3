// Shows on a terminal how far a command has got with reading or writing.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace holdfast::tool {

// Draws "verifying [===== ] 52 % 1.9 GiB/s" on one line of the standard error, if that is a
// terminal; else draws nothing. The destructor clears the line. Threads: several may call add() at
// once.
class ProgressBar {
 public:
  ProgressBar(std::string what, std::uint64_t bytes_in_all);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void add(std::uint64_t bytes);
  double seconds() const;  // since this was constructed

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
