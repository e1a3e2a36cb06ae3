#include "watched_runs.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/protocol/supervision.h>
#include <holdfast/checkpoint/run/run_view.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "temporary.h"

namespace holdfast::tool {
namespace {

using Step = std::optional<std::int64_t>;

Step step_of(const Steps& steps, const std::string& run) {
  const auto found = steps.find(run);
  return found == steps.end() ? std::nullopt : found->second;
}

std::string step_text(std::int64_t step) {
  return "step " + std::to_string(step);
}

std::string progress_text(Step before, Step after) {
  if (!after) return " has no checkpoint";
  if (!before) return " has got to " + step_text(*after);
  if (*before == *after) return " is still at " + step_text(*after);
  return " got from " + step_text(*before) + " to " + step_text(*after);
}

}  // namespace

std::vector<std::int64_t> steps_of_run(const std::string& run) {
  try {
    return RunView(run).steps();
  } catch (const Error&) {
    return {};
  }
}

// The comparison works for runs without a step too: an empty optional is less than any step.
bool has_progressed(const Steps& before, const Steps& after) {
  return std::any_of(after.begin(), after.end(), [&](const auto& entry) {
    return entry.second > step_of(before, entry.first);
  });
}

std::string describe(const Steps& before, const Steps& after) {
  if (after.empty()) return "it has opened no run";
  std::string text;
  for (const auto& [run, step] : after) {
    if (!text.empty()) text += ", ";
    text += after.size() == 1 ? "the run" : run;
    text += progress_text(step_of(before, run), step);
  }
  return text;
}

WatchedRuns::WatchedRuns() {
  make_file();
}

WatchedRuns::~WatchedRuns() {
  unlink(file_.c_str());
  close(fd_);
}

const std::string& WatchedRuns::file() {
  if (access(file_.c_str(), F_OK) == 0) return file_;
  learn_of_runs();
  close(fd_);
  make_file();
  return file_;
}

void WatchedRuns::make_file() {
  file_ = temporary_directory() + "/holdfast-runs-XXXXXX";
  fd_ = mkostemp(file_.data(), O_CLOEXEC);
  if (fd_ < 0) throw system_error(errno, "cannot make the file for the command's runs", file_);
}

void WatchedRuns::learn_of_runs() {
  for (const std::string& run : read_announced_runs("/proc/self/fd/" + std::to_string(fd_)))
    runs_.insert(run);
}

Steps WatchedRuns::newest_steps() {
  learn_of_runs();
  for (const std::string& run : runs_) {
    Step& step = steps_[run];
    try {
      step = newest_step(RunView(run).checkpoints());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kNotFound) step.reset();
    }
  }
  return steps_;
}

void WatchedRuns::append(const std::string& run, const Event& event) {
  try {
    EventLog(Directory::open(posix_file_system(), run)).append(event);
  } catch (const Error&) {
    // The log is advisory, and the directory may be gone.
  }
}

}  // namespace holdfast::tool
