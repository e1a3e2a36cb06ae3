// What the thread sanitizer cannot see: oneTBB orders the end of a parallel body before the return
// of the call that ran it, but is not instrumented. Without the sanitizer these do nothing.
#pragma once

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace holdfast {

// What this thread did so far comes before what any thread does after happens_after() of the same
// tag.
inline void happens_before([[maybe_unused]] const void* tag) {
#if defined(__SANITIZE_THREAD__)
  __tsan_release(const_cast<void*>(tag));
#endif
}

inline void happens_after([[maybe_unused]] const void* tag) {
#if defined(__SANITIZE_THREAD__)
  __tsan_acquire(const_cast<void*>(tag));
#endif
}

}  // namespace holdfast
