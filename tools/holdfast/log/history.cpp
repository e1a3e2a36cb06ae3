#include "log/history.h"

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <map>
#include <utility>

#include "wording.h"

namespace holdfast::tool {
namespace {

std::string step_of(const LoggedEvent& event, const std::string& field = "step") {
  const auto step = event.integer(field);
  return step ? "step " + text::format_count(*step) : "a step that it does not name";
}

std::string because(const LoggedEvent& event) {
  const std::string reason = event.text("reason");
  return reason.empty() ? "" : ": " + in_short(reason);
}

std::string value_text(const EventValue& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  if (const auto* const truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* const real = std::get_if<double>(&value)) return number_text(*real);
  return std::to_string(std::get<std::int64_t>(value));
}

// Of an event that nothing is known of: its fields as they are.
std::string as_it_stands(const LoggedEvent& event) {
  std::string text = event.event.name;
  for (const auto& [name, value] : event.event.fields)
    text += ", " + name + " " + value_text(value);
  return text;
}

Happening started(const LoggedEvent& event) {
  const auto pid = event.integer("pid");
  const std::string user = event.text("user");
  return {event.time, "started" + (user.empty() ? "" : " by " + user) + " on " +
                          event.text("host") + (pid ? ", process " + std::to_string(*pid) : "")};
}

Happening closed(const LoggedEvent& event) {
  const auto step = event.integer("step");
  const std::string at = step && *step >= 0 ? " at " + step_of(event) : "";
  const EventValue* const failed = event.find("failed");
  if (failed != nullptr && *failed == EventValue(true))
    return {event.time, "ended with an exception" + at, Tone::kBad, What::kFailure};
  return {event.time, "ended in order" + at};
}

Happening resumed(const LoggedEvent& event) {
  return {event.time, "went on from " + step_of(event) + " (" + event.text("from") + ")",
          Tone::kGood, What::kResume};
}

Happening forked(const LoggedEvent& event) {
  return {event.time,
          "began with " + step_of(event) + " of another run (" + event.text("from") + ")",
          Tone::kGood, What::kResume};
}

Happening restarted(const LoggedEvent& event) {
  const auto attempt = event.integer("attempt");
  return {event.time, "holdfast run starts it again" +
                          (attempt ? ", restart " + std::to_string(*attempt) : std::string()) +
                          ", after " + event.text("cause")};
}

// What is told in one line by itself; by the event's name.
using Telling = Happening (*)(const LoggedEvent&);
const std::map<std::string, Telling>& tellings() {
  static const std::map<std::string, Telling> all = {
      {"open", started},
      {"resume", resumed},
      {"fork", forked},
      {"restart", restarted},
      {"close", closed},
      {"save_failed",
       [](const LoggedEvent& e) {
         return Happening{e.time, step_of(e) + " could not be saved" + because(e), Tone::kBad,
                          What::kFailure};
       }},
      {"failed",
       [](const LoggedEvent& e) {
         const std::string where = e.integer("step").value_or(0) < 0
                                       ? "before a checkpoint was loaded or saved"
                                       : "behind " + step_of(e);
         return Happening{e.time, "failed by itself, " + where + because(e), Tone::kBad,
                          What::kFailure};
       }},
      {"quarantine",
       [](const LoggedEvent& e) {
         return Happening{e.time, step_of(e) + " is damaged and was quarantined" + because(e),
                          Tone::kBad};
       }},
      {"superseded",
       [](const LoggedEvent& e) {
         return Happening{e.time, "rolled back: what is newer than " + step_of(e, "after_step") +
                                      " went to " + e.text("directory")};
       }},
      {"passed_over",
       [](const LoggedEvent& e) {
         return Happening{e.time,
                          "rolled back from " + step_of(e) + " to " + step_of(e, "to_step") +
                              ", having failed too often" + because(e),
                          Tone::kBad};
       }},
      {"refused",
       [](const LoggedEvent& e) {
         return Happening{e.time,
                          "rolled back from " + step_of(e) + " to " + step_of(e, "to_step") +
                              ": the loss behind it was not finite",
                          Tone::kBad};
       }},
      {"gave_up",
       [](const LoggedEvent& e) {
         return Happening{e.time, "holdfast run gave up, after " + e.text("cause") + because(e),
                          Tone::kBad};
       }},
      {"index_rebuilt",
       [](const LoggedEvent& e) {
         return Happening{e.time, "the index of " + step_of(e) + " was made anew" + because(e)};
       }},
      {"index_damaged",
       [](const LoggedEvent& e) {
         return Happening{e.time, "the index of " + step_of(e) + " is damaged" + because(e),
                          Tone::kBad};
       }},
      {"mode_changed",
       [](const LoggedEvent& e) {
         return Happening{e.time, "changed by the restore: " + e.text("change")};
       }},
      {"journal_altered",
       [](const LoggedEvent& e) {
         return Happening{e.time, e.text("file") + " was altered from outside", Tone::kBad};
       }},
      {"in_the_way",
       [](const LoggedEvent& e) {
         return Happening{
             e.time, "passed by what has a checkpoint's name and is no directory" + because(e)};
       }},
      {"retire_failed",
       [](const LoggedEvent& e) {
         return Happening{e.time, "an old checkpoint could not be removed" + because(e),
                          Tone::kBad};
       }},
  };
  return all;
}

Happening tell(const LoggedEvent& event) {
  const auto found = tellings().find(event.event.name);
  return found == tellings().end() ? Happening{event.time, as_it_stands(event)}
                                   : found->second(event);
}

// Saves that follow one another.
class Saves {
 public:
  void add(const LoggedEvent& event, double blocked) {
    if (count_++ == 0) first_ = step_of(event);
    last_ = event;
    bytes_ += event.number("bytes").value_or(0);
    durable_ += event.number("durable_seconds").value_or(0);
    blocked_ += blocked;
  }

  bool empty() const { return count_ == 0; }
  Happening take() {
    const double mean = durable_ / count_;
    std::string text = count_ == 1 ? "saved " + first_
                                   : "saved " + std::to_string(count_) + " checkpoints, " + first_ +
                                         " to " + step_of(last_);
    text += " (" + text::format_bytes(bytes_) + ", durable in " +
            text::format_short_duration(mean) + (count_ == 1 ? "" : " each") +
            ", training held up for " + text::format_short_duration(blocked_) + ")";
    const Happening happening{last_.time, std::move(text)};
    *this = Saves();
    return happening;
  }

 private:
  int count_ = 0;
  double bytes_ = 0, durable_ = 0, blocked_ = 0;
  std::string first_;
  LoggedEvent last_;
};

// What the training was held up for by each save, by the place of the event. A process says at its
// end what that was in all: what its saves did not know yet is counted with the last.
std::vector<double> blocked_seconds(const std::vector<LoggedEvent>& events) {
  std::vector<double> blocked(events.size());
  double* last = nullptr;  // of the last save of the process
  double sum = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string& name = events[i].event.name;
    const double seconds = events[i].number("blocked_seconds").value_or(0);
    if (name == "save") {
      last = &blocked[i];
      sum += blocked[i] = seconds;
    } else if (name == "open" || name == "close") {
      if (name == "close" && last != nullptr) *last += std::max(0.0, seconds - sum);
      last = nullptr;
      sum = 0;
    }
  }
  return blocked;
}

class Historian {
 public:
  void add(const LoggedEvent& event, double blocked) {
    const std::string& name = event.event.name;
    // The supervisor tells of a restart when the process has ended.
    if ((name == "open" || name == "restart") && is_open_) add_crash();
    if (name == "save" || name == "resume" || name == "fork")
      step_ = event.integer("step").value_or(step_);
    if (name == "save") {
      saves_.add(event, blocked);
    } else {
      add(tell(event));
    }
    if (name == "open") is_open_ = true;
    if (name == "close") is_open_ = false;
    last_time_ = event.time;
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
