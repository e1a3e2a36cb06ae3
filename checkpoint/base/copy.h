// Copies bytes that are not read again soon.
#pragma once

#include <cstddef>

namespace holdfast {

// Like memcpy, but a long copy bypasses the processor's caches where the processor can do that.
// Such a copy does not evict the training's data from the caches, and does not read the memory that
// it overwrites. Copies under 256 KiB are plain memcpy.
void copy_past_cache(void* to, const void* from, std::size_t bytes);

}  // namespace holdfast
