// What counts as a failure of the program's own, and against which checkpoint.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <holdfast/checkpoint/log/event_teller.h>
#include <holdfast/checkpoint/log/failure_log.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// A failure counts against the newest checkpoint that this process has begun to load or has
// committed. Without one, it is told as an event and not counted. An exception that ends the
// training is not counted if its cause was counted already, or if it is that of a failed save.
// Methods are for the thread that trains, except committed() and count_signal().
class FailureAccount {
 public:
  FailureAccount(const Directory& run, EventTeller& teller);  // both outlive this

  // Failures from here on count against the checkpoint of this step.
  void loading(std::int64_t step) noexcept { newest_ = step; }
  // The load failed for a reason that is not in a checkpoint, such as a model that does not fit. No
  // checkpoint is blamed for a failure of the program that follows.
  void not_loaded() noexcept { newest_ = kNone; }
  // The run goes on from this step. Failures of other steps are forgotten, durably. Throws Error.
  void go_on_from(std::int64_t step);
  // The step is committed: as loading() and go_on_from(), but failures that cannot be forgotten now
  // stay; they are of older steps, and count for nothing. On any thread.
  void committed(std::int64_t step) noexcept;
  // The run leaves this step, from which the program has failed too often, for an older one.
  void pass_over(std::int64_t step, std::int64_t to_step);
  void forget() { log_.forget(); }

  // Tells events::Failed, and counts. An error in doing so is dropped.
  void count(const std::string& reason) noexcept;
  // For the handler of a signal that ends the process: safe there.
  void count_signal(int signal) noexcept;
  // A save has failed, and the program was told so. The exception that tells it is not counted as a
  // failure of the program.
  void save_failed() noexcept { is_explained_ = true; }

  // True while an exception that was thrown after this was made ends the scope of its owner.
  bool ends_by_exception() const noexcept;
  bool is_explained() const noexcept { return is_explained_; }

  // The step against which a failure would count now; -1: none.
  std::int64_t newest() const noexcept { return newest_; }
  const FailureLog& log() const noexcept { return log_; }

 private:
  static constexpr std::int64_t kNone = -1;  // is no step

  FailureLog log_;
  EventTeller& teller_;
  std::atomic<std::int64_t> newest_{kNone};  // handlers of signals read it
  // True until the next restore or commit: the cause of an exception was counted or told already.
  std::atomic<bool> is_explained_{false};
  const int exceptions_;  // in flight when this was made
};

}  // namespace holdfast
