// Tells what happens to a run: to its events.jsonl, and to the program that trains it.
#pragma once

#include <exception>
#include <functional>
#include <mutex>

#include <holdfast/checkpoint/log/events.h>
#include <holdfast/checkpoint/log/typed_events.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Methods may be called by several threads at once.
class EventTeller {
 public:
  // `on_event` gets each event on the thread that tells it; it may be empty.
  EventTeller(const Directory& run, std::function<void(const Event&)> on_event);

  // Never throws: what on_event throws is kept.
  void tell(const Event& event) noexcept;
  template <typename Kind>
  void tell(const Kind& kind) {
    tell(events::to_event(kind));
  }

  // Of what was kept since the last rethrow(), the first.
  void keep(std::exception_ptr thrown) noexcept;
  void rethrow();  // does nothing where nothing was kept

 private:
  EventLog log_;
  const std::function<void(const Event&)> on_event_;
  std::mutex mutex_;
  std::exception_ptr kept_;
};

}  // namespace holdfast
