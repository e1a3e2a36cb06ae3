#include "log/history.h"

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/log/typed_events.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <utility>

#include "output/wording.h"

namespace holdfast::tool {
namespace {

std::string value_text(events::Unit unit, const EventValue& value) {
  const double number = events::value_as<double>(value).value_or(0);
  switch (unit) {
    case events::Unit::kStep:
      return "step " + text::format_count(events::value_as<std::int64_t>(value).value_or(0));
    case events::Unit::kBytes:
      return text::format_bytes(number);
    case events::Unit::kSeconds:
      return text::format_short_duration(number);
    case events::Unit::kReason:
      return in_short(events::value_as<std::string>(value).value_or(""));
    case events::Unit::kNone:
      break;
  }
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* const real = std::get_if<double>(&value)) return number_text(*real);
  return std::to_string(std::get<std::int64_t>(value));
}

Happening tell(const LoggedEvent& logged) {
  Happening happening{logged.time, events::sentence_of(logged.event, value_text)};
  const events::Entry* const entry = events::find_entry(logged.event.name);
  events::Weight weight = entry == nullptr ? events::Weight::kPlain : entry->words.weight;
  const auto close = events::from_event<events::Close>(logged.event);
  if (close && close->failed.value_or(false)) weight = events::Weight::kFailure;
  switch (weight) {
    case events::Weight::kResume:
      happening.tone = Tone::kGood;
      happening.what = What::kResume;
      break;
    case events::Weight::kFailure:
      happening.tone = Tone::kBad;
      happening.what = What::kFailure;
      break;
    case events::Weight::kProblem:
      happening.tone = Tone::kBad;
      break;
    case events::Weight::kPlain:
    case events::Weight::kNotice:
      break;
  }
  return happening;
}

// Saves that follow one another.
class Saves {
 public:
  void add(const std::string& time, const events::Save& save) {
    if (count_++ == 0) first_ = save.step;
    time_ = time;
    last_ = save;
    bytes_ += static_cast<double>(save.bytes.value_or(0));
    durable_ += save.durable_seconds.value_or(0);
    blocked_ += save.blocked_seconds.value_or(0);
  }

  bool empty() const { return count_ == 0; }
  Happening take() {
    const Happening happening{time_, count_ == 1 ? one() : several()};
    *this = Saves();
    return happening;
  }

 private:
  std::string one() const {
    const events::Save save{last_.step, last_.bytes.value_or(0), durable_, blocked_};
    return events::sentence_of(events::to_event(save), value_text);
  }
  // As the table says it of one.
  std::string several() const {
    return "saved " + std::to_string(count_) + " checkpoints, " + step_text(first_) + " to " +
           step_text(last_.step) + " (" + text::format_bytes(bytes_) + ", durable in " +
           text::format_short_duration(durable_ / count_) + " each, training held up for " +
           text::format_short_duration(blocked_) + ")";
  }
  static std::string step_text(events::Integer step) {
    return step ? "step " + text::format_count(*step) : "an unknown step";
  }

  int count_ = 0;
  std::string time_;  // of the last
  events::Integer first_;
  events::Save last_;
  double bytes_ = 0, durable_ = 0, blocked_ = 0;  // of all
};

// What the training was held up for by each save, by the place of the event. A process says at its
// end what that was in all: what its saves did not know yet is counted with the last.
std::vector<double> blocked_seconds(const std::vector<LoggedEvent>& logged) {
  std::vector<double> blocked(logged.size());
  double* last = nullptr;  // of the last save of the process
  double sum = 0;
  for (std::size_t i = 0; i < logged.size(); ++i) {
    const Event& event = logged[i].event;
    if (const auto save = events::from_event<events::Save>(event)) {
      last = &blocked[i];
      sum += blocked[i] = save->blocked_seconds.value_or(0);
      continue;
    }
    const auto close = events::from_event<events::Close>(event);
    if (!close && !events::is<events::Open>(event)) continue;
    if (close && last != nullptr) *last += std::max(0.0, close->blocked_seconds.value_or(0) - sum);
    last = nullptr;
    sum = 0;
  }
  return blocked;
}

class Historian {
 public:
  void add(const LoggedEvent& logged, double blocked) {
    const Event& event = logged.event;
    const bool is_start = events::is<events::Open>(event);
    // The supervisor tells of a restart when the process has ended.
    if (is_open_ && (is_start || events::is<events::Restart>(event))) add_crash();
    if (auto save = events::from_event<events::Save>(event)) {
      step_ = save->step.value_or(step_);
      save->blocked_seconds = blocked;
      saves_.add(logged.time, *save);
    } else {
      if (const auto resume = events::from_event<events::Resume>(event))
        step_ = resume->step.value_or(step_);
      if (const auto fork = events::from_event<events::Fork>(event))
        step_ = fork->step.value_or(step_);
      add(tell(logged));
    }
    if (is_start) is_open_ = true;
    if (events::is<events::Close>(event)) is_open_ = false;
    last_time_ = logged.time;
  }

  std::vector<Happening> finish(const Running& running) {
    add_saves();
    if (is_open_ && running.here) {
      add({last_time_, "is training now", Tone::kGood});
    } else if (is_open_ && !running.elsewhere.empty()) {
      add({last_time_, "may be training on " + running.elsewhere});
    } else if (is_open_) {
      add_crash();
    }
    return std::move(told_);
  }

 private:
  void add(Happening happening) {
    add_saves();
    happening.step = step_;
    told_.push_back(std::move(happening));
  }
  void add_saves() {
    if (!saves_.empty()) told_.push_back(saves_.take());
  }
  void add_crash() {
    add({last_time_, "crashed some time after this: no word of its end", Tone::kBad, What::kCrash});
    is_open_ = false;
  }

  std::vector<Happening> told_;
  Saves saves_;
  bool is_open_ = false;
  std::int64_t step_ = -1;
  std::string last_time_;
};

}  // namespace

std::vector<Happening> tell_history(const std::vector<LoggedEvent>& events,
                                    const Running& running) {
  const std::vector<double> blocked = blocked_seconds(events);
  Historian historian;
  for (std::size_t i = 0; i < events.size(); ++i) historian.add(events[i], blocked[i]);
  return historian.finish(running);
}

}  // namespace holdfast::tool
