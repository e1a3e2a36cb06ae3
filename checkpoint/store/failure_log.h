// How often the program has failed since its newest checkpoint.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/io/file.h>

namespace holdfast {

// <run>/failures.log: a line "<step> <reason>" for each failure of the program's own, where <step>
// is that of the newest checkpoint then. Empty again when a newer one is committed, or when the run
// goes on from another. A line that is
// not whole is no failure. Methods may be called by several threads at once.
class FailureLog {
 public:
  explicit FailureLog(const Directory& run);  // the run outlives this

  int count(std::int64_t step) const;                // failures with this step
  std::string last_reason(std::int64_t step) const;  // of the last of them; empty: none

  void add(std::int64_t step, std::string_view reason);  // durable when it returns
  // Durable when they return. Before a run goes on from a step, what is said of others must go: it
  // may make a checkpoint of their number anew, and that one has never failed.
  void forget();
  void forget_all_but(std::int64_t step);

  // For a handler of a signal that ends the process: makes one system call and cannot fail. Not
  // durable if the system dies with the process.
  void add_from_signal_handler(std::int64_t step, int signal) noexcept;

 private:
  struct Failure {
    std::int64_t step;
    std::string reason;
  };

  void append(const Failure& failure);
  void clear();

  const Directory& run_;
  mutable std::mutex mutex_;
  File file_;
  std::vector<Failure> failures_;
  std::atomic<std::uint64_t> end_{0};  // of the file
  std::atomic<bool> is_torn_{false};   // its last line is not whole
  bool is_clear_;                      // it is empty, durably
};

}  // namespace holdfast
