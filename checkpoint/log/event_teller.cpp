#include <holdfast/checkpoint/log/event_teller.h>

#include <utility>

namespace holdfast {

EventTeller::EventTeller(const Directory& run, std::function<void(const Event&)> on_event)
    : log_(run), on_event_(std::move(on_event)) {}

void EventTeller::tell(const Event& event) noexcept {
  log_.append(event);
  if (!on_event_) return;
  try {
    on_event_(event);
  } catch (...) {
    keep(std::current_exception());
  }
}

void EventTeller::keep(std::exception_ptr thrown) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (kept_ == nullptr) kept_ = std::move(thrown);
}

void EventTeller::rethrow() {
  std::exception_ptr thrown;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    thrown = std::exchange(kept_, nullptr);
  }
  if (thrown != nullptr) std::rethrow_exception(thrown);
}

}  // namespace holdfast
