// What happened to a run, in words. Pure functions.
#pragma once

#include <holdfast/checkpoint/log/event_history.h>

#include <cstdint>
#include <string>
#include <vector>

#include "log/running.h"

namespace holdfast::tool {

enum class Tone { kPlain, kGood, kBad };
enum class What { kOther, kResume, kCrash, kFailure };  // failure: the program's own, or of a save

struct Happening {
  std::string time;  // of its last event, "2026-01-31T12:00:00.000Z"
  std::string text;  // one line
  Tone tone = Tone::kPlain;
  What what = What::kOther;
  std::int64_t step = -1;  // the newest that was saved or gone on from by then; -1: none
};

// Saves that follow one another are one happening. A process that began and left no word of its end
// has crashed, but for the last one, if it is running or may be. What a process was held up for
// besides its saves is counted with its last one.
std::vector<Happening> tell_history(const std::vector<LoggedEvent>& events, const Running& running);

}  // namespace holdfast::tool
