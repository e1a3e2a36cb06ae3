// What a training does for the process that puts its resume to the proof (`holdfast prove`): keeps
// every checkpoint, and tells each step.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast {

// The environment variable that switches retention off, where its value is 1.
inline constexpr const char* kKeepAllVariable = "HOLDFAST_KEEP_ALL";

bool keeps_every_checkpoint() noexcept;

// The environment variable with the path of a FIFO, or of a file, that is there already.
inline constexpr const char* kHeartbeatVariable = "HOLDFAST_HEARTBEAT";

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

// Writes such lines, each in one write, which never waits. Advisory: where nobody listens, or not
// fast enough, they are lost, and nothing that fails here fails a training or raises a signal.
// Without the variable it costs nothing. For one thread.
class Heartbeat {
 public:
  Heartbeat() noexcept;  // opens what the variable names
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  void completed(std::int64_t step) noexcept;  // not again what was told last
  void resumed(std::int64_t step) noexcept;    // that step counts as told

 private:
  void tell(std::string_view what, std::int64_t step) noexcept;

  int fd_ = -1;
  std::int64_t last_ = -1;
};

}  // namespace holdfast
