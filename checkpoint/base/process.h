// Who runs this process and where. Used in locks, temporary names and manifests.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast {

std::int64_t process_id();
std::string host_name();  // "unknown" if the host has no name
std::string user_name();  // of the effective user; "uid 1000" if that user has no name

}  // namespace holdfast
