// What the command under proof tells of its steps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/protocol/proving.h>

namespace holdfast::tool {

// A FIFO for one start of the command (protocol/proving.h). It can be read as soon as there is a
// line, so that a kill comes close behind it. Locked, as long as this is there: a training that
// waits to be killed waits that long. Gone when this is.
class Heartbeats {
 public:
  Heartbeats();
  ~Heartbeats();
  Heartbeats(const Heartbeats&) = delete;
  Heartbeats& operator=(const Heartbeats&) = delete;

  const std::string& path() const { return path_; }  // what kHeartbeatVariable is to be
  int descriptor() const { return fd_; }             // for poll(2)

  // Of what has come since the last call, the next 64 KiB, without waiting; or all of it, once
  // nobody writes any more. Lines that are none of a heartbeat are passed over.
  std::vector<Beat> read();
  std::vector<Beat> read_all();

 private:
  bool read_into(std::vector<Beat>& beats);  // false: there is nothing
  void split(std::string_view bytes, std::vector<Beat>& beats);

  std::string path_;
  int fd_ = -1;
  std::string line_;  // the beginning of one that has no end yet
};

}  // namespace holdfast::tool
