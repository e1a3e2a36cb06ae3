// Whether somebody trains a run at this moment.
#pragma once

#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/storage/file.h>

#include <string>

namespace holdfast::tool {

struct Running {
  bool here = false;      // a process of this host holds the run's lock
  std::string elsewhere;  // the host of one whose processes are not seen from here; empty: none
};

// By what the run's LOCK says of its holder, whose lock is not tried: that would keep a training
// from starting. Another process may have got the holder's number since; then it has not opened the
// file, or, where that cannot be seen, is younger than the lock.
Running is_running(const Directory& run, const std::string& this_host = host_name());

// Whether the process, of this host, began before that time ("2026-01-31T12:00:00.000Z"). False if
// there is none.
bool began_before(long process, const std::string& utc);

}  // namespace holdfast::tool
