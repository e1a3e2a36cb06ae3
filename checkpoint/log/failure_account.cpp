#include <holdfast/checkpoint/log/failure_account.h>

#include <exception>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

FailureAccount::FailureAccount(const Directory& run, EventTeller& teller)
    : log_(run), teller_(teller), exceptions_(std::uncaught_exceptions()) {}

void FailureAccount::go_on_from(std::int64_t step) {
  log_.go_on_from(step);
  is_explained_ = false;
}

void FailureAccount::committed(std::int64_t step) noexcept {
  newest_ = step;
  is_explained_ = false;
  try {
    log_.go_on_from(step);
  } catch (const std::exception&) {
  }
}

// Told first: the log of failures must not say that the run went back where nobody was told why.
void FailureAccount::pass_over(std::int64_t step, std::int64_t to_step) {
  teller_.tell(events::PassedOver{step, to_step, log_.last_reason(step)});
  log_.add_pass_over(step);
}

void FailureAccount::count(const std::string& reason) noexcept {
  is_explained_ = true;
  const std::int64_t step = newest_;
  try {
    teller_.tell(events::Failed{step, reason});
    if (step != kNone) log_.add(step, reason);
  } catch (const std::exception&) {
  }
}

void FailureAccount::count_signal(int signal) noexcept {
  const std::int64_t step = newest_;
  if (step != kNone) log_.add_from_signal_handler(step, signal);
}

bool FailureAccount::ends_by_exception() const noexcept {
  return std::uncaught_exceptions() > exceptions_;
}

}  // namespace holdfast
