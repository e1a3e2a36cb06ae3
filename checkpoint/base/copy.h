// Copying what is not read again soon.
#pragma once

#include <cstddef>

namespace holdfast {

// As memcpy, but past the caches where the processor can do that, so that a large copy neither
// evicts what training has there nor reads the memory that it overwrites. Short copies are memcpy.
void copy_past_cache(void* to, const void* from, std::size_t bytes);

}  // namespace holdfast
