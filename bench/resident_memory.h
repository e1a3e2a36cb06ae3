// The memory that this process uses, and the memory that the machine has left.
#pragma once

#include <cstdint>

namespace holdfast::bench {

std::uint64_t resident_bytes();  // first has the allocator give back what it can
// The most since the last reset; since the start if the system does not allow a reset.
std::uint64_t peak_resident_bytes();
void reset_peak_resident_bytes();

// What the machine has available; 0 if it does not say.
std::uint64_t available_bytes();

}  // namespace holdfast::bench
