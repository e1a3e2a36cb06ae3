// What a training does for the process that puts its resume to the proof (`holdfast prove`): keeps
// every checkpoint, tells each step, and waits at one to be killed there.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <holdfast/checkpoint/base/forks.h>

namespace holdfast {

// The environment variable that switches retention off, where its value is 1.
inline constexpr const char* kKeepAllVariable = "HOLDFAST_KEEP_ALL";

bool keeps_every_checkpoint() noexcept;

// The environment variable with the path of a FIFO, or of a file, that is there already.
inline constexpr const char* kHeartbeatVariable = "HOLDFAST_HEARTBEAT";

// The environment variable with the step to be killed at: once it has told this step, or else the
// first behind it, a training waits, in the thread of its loop, as long as the process that listens
// holds a lock (flock(2)) on the FIFO: until it dies at the latest.
inline constexpr const char* kHoldVariable = "HOLDFAST_HOLD_AT";

// A line of a heartbeat: "step 12", "resume 10".
struct Beat {
  enum class Kind {
    kStep,    // this many steps are completed
    kResume,  // the checkpoint of this step was put back
  };
  Kind kind;
  std::int64_t step;

  bool operator==(const Beat& other) const { return kind == other.kind && step == other.step; }
};

// Of a line without its end; empty if it is none of a heartbeat.
std::optional<Beat> parse_beat(std::string_view line) noexcept;

// Writes such lines, each in one write. A FIFO that is full is waited for as long as the process
// that listens holds that lock, so that it hears every line, the last one, too. Otherwise nothing
// waits: where nobody listens, or not fast enough, lines are lost. Nothing that fails here fails a
// training or raises a signal. Without the variables it costs nothing. A child made by fork(2) has
// no heartbeat. For one thread.
class Heartbeat {
 public:
  Heartbeat();  // opens what the variable names, and reads where to wait
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  void completed(std::int64_t step) noexcept;  // not again what was told last
  void resumed(std::int64_t step) noexcept;    // that step counts as told

 private:
  void tell(std::string_view what, std::int64_t step) noexcept;
  bool await_room() noexcept;  // false: nobody makes any
  void wait_to_be_killed() noexcept;
  static void close_in_child(void* heartbeat);

  int fd_ = -1;
  std::optional<NotInherited> not_inherited_;
  std::optional<std::int64_t> hold_at_;
  std::optional<std::int64_t> last_;  // that was told
};

}  // namespace holdfast
