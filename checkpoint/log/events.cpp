#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/log/events.h>

#include <exception>
#include <nlohmann/json.hpp>

namespace holdfast {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const EventValue& value) {
  return std::visit([](const auto& plain) { return Json(plain); }, value);
}

bool ends_in_mid_line(const File& file, std::uint64_t size) {
  char last = '\n';
  return size > 0 && file.read_at(size - 1, ByteSpan(&last, 1)) == 1 && last != '\n';
}

}  // namespace

std::string to_json_line(const Event& event, const std::string& time) {
  Json line{{"time", time}, {"event", event.name}};
  for (const auto& [name, value] : event.fields) line.emplace(name, to_json(value));
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

EventLog::EventLog(const Directory& run) noexcept {
  try {
    file_ = run.open_or_create(format::kEventsFile);
  } catch (const std::exception& error) {
    last_error_ = error.what();
  }
}

void EventLog::append(const Event& event) noexcept {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!file_) return;
  try {
    last_error_.reset();
    write(to_json_line(event, utc_now()) + "\n");
  } catch (const std::exception& error) {
    last_error_ = error.what();
  }
}

void EventLog::write(const std::string& line) {
  const std::uint64_t size = file_->size();
  const std::string text = (ends_in_mid_line(*file_, size) ? "\n" : "") + line;
  file_->write_at(size, ByteView(text));
}

std::optional<std::string> EventLog::last_error() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return last_error_;
}

}  // namespace holdfast
