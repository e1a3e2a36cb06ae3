// Who this process is, for locks, temporary names and manifests.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast {

std::int64_t process_id();
std::string host_name();  // "unknown" where the host has none

}  // namespace holdfast
