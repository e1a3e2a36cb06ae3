// Who this process is, for locks, temporary names and manifests.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast {

std::int64_t process_id();
std::string host_name();  // "unknown" where the host has none
std::string user_name();  // of the effective user; "uid 1000" where it has none

}  // namespace holdfast
