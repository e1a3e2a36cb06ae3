// The memory that this process takes, and that there is.
#pragma once

#include <cstdint>

namespace holdfast::bench {

std::uint64_t resident_bytes();  // now, when the allocator has given back what it can
// The most since the last reset, or since the start where the system does not let it be reset.
std::uint64_t peak_resident_bytes();
void reset_peak_resident_bytes();

// That the machine has to give; 0: it does not say.
std::uint64_t available_bytes();

}  // namespace holdfast::bench
