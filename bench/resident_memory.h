// The memory that this process takes.
#pragma once

#include <cstdint>

namespace holdfast::bench {

std::uint64_t resident_bytes();  // now, when the allocator has given back what it can
// The most since the last reset, or since the start where the system does not let it be reset.
std::uint64_t peak_resident_bytes();
void reset_peak_resident_bytes();

// Throws Error(kNoSpace) if the machine has less memory to give than `need` bytes.
void require_memory(std::uint64_t need);

}  // namespace holdfast::bench
