// How often the program has failed since its newest checkpoint.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// <run>/failures.log: a line "<step> <reason>" for each failure of the program's own, where <step>
// is that of the newest checkpoint then, and a line "passed over <step>" for each checkpoint that
// the run was passed over from. A line that is not whole is none. Methods may be called by several
// threads at once.
class FailureLog {
 public:
  explicit FailureLog(const Directory& run);  // the run outlives this

  int count(std::int64_t step) const;                // failures with this step
  std::string last_reason(std::int64_t step) const;  // of the last of them; empty: none

  int passed_over() const;  // how often, since the run got beyond the newest such step

  // Durable when they return.
  void add(std::int64_t step, std::string_view reason);
  void add_pass_over(std::int64_t step);
  void forget();
  // The run has restored or committed this step: forgets failures of others, as it may make a
  // checkpoint of their number anew, and that one has never failed; and, if it is beyond all
  // checkpoints that the run was passed over from, these.
  void go_on_from(std::int64_t step);

  // For a handler of a signal that ends the process: makes one system call and cannot fail. Not
  // durable if the system dies with the process.
  void add_from_signal_handler(std::int64_t step, int signal) noexcept;

 private:
  struct Failure {
    std::int64_t step;
    std::string reason;
    bool is_pass_over = false;
  };
  static std::string line_of(const Failure& failure);
  static std::optional<Failure> parse(std::string_view line);

  void append(Failure failure);
  void keep(std::vector<Failure> failures);

  const Directory& run_;
  mutable std::mutex mutex_;
  File file_;
  std::vector<Failure> failures_;
  std::atomic<std::uint64_t> end_{0};  // of the file
  std::atomic<bool> is_torn_{false};   // its last line is not whole
  bool is_clear_ = false;              // it is empty, durably
};

}  // namespace holdfast
