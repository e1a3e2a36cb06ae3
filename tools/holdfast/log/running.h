// Whether somebody trains a run at this moment.
#pragma once

#include <holdfast/checkpoint/io/file.h>

#include <string>

namespace holdfast::tool {

// By what the run's LOCK says of its holder, whose lock is not tried: that would keep a training
// from starting. A process on another host counts as gone.
bool is_running(const Directory& run);

// Of that line ("pid 12 on host a since …"): the process is alive, on this host.
bool is_alive(const std::string& holder, const std::string& this_host);

}  // namespace holdfast::tool
