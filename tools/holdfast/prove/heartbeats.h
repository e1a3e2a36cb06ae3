// Receives the heartbeats by which the command that is being proven tells of its steps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/protocol/proving.h>

namespace holdfast::tool {

// Owns a FIFO for one start of the command (protocol/proving.h). It becomes readable with each
// line, so that a kill can follow a step closely. The FIFO is locked as long as this object lives:
// a training that waits to be killed waits only while it is locked. The destructor removes the
// FIFO.
class Heartbeats {
 public:
  Heartbeats();
  ~Heartbeats();
  Heartbeats(const Heartbeats&) = delete;
  Heartbeats& operator=(const Heartbeats&) = delete;

  const std::string& path() const { return path_; }  // the value for kHeartbeatVariable
  int descriptor() const { return fd_; }             // for poll(2)

  // The heartbeats that have come since the last call. Never waits. Other lines are ignored.
  std::vector<Beat> read();      // at most 64 KiB of them
  std::vector<Beat> read_all();  // all of them; call when nobody writes any more

 private:
  bool read_into(std::vector<Beat>& beats);  // false if there was nothing to read
  void split(std::string_view bytes, std::vector<Beat>& beats);

  std::string path_;
  int fd_ = -1;
  std::string line_;  // a line whose end has not come yet
};

}  // namespace holdfast::tool
