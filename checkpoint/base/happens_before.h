// What the thread sanitizer cannot see: oneTBB orders the end of a parallel body before the return
// of the call that ran it, but is not instrumented. Without the sanitizer these do nothing.
#pragma once

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace holdfast {

// What this thread did until the end of the scope, however that comes, comes before what any thread
// does after the end of the scope of a HappensAfter of the same tag.
class HappensBefore {
 public:
  explicit HappensBefore(const void* tag) : tag_(tag) {}
  ~HappensBefore() {
#if defined(__SANITIZE_THREAD__)
    __tsan_release(const_cast<void*>(tag_));
#endif
  }
  HappensBefore(const HappensBefore&) = delete;
  HappensBefore& operator=(const HappensBefore&) = delete;

 private:
  [[maybe_unused]] const void* tag_;
};

class HappensAfter {
 public:
  explicit HappensAfter(const void* tag) : tag_(tag) {}
  ~HappensAfter() {
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(const_cast<void*>(tag_));
#endif
  }
  HappensAfter(const HappensAfter&) = delete;
  HappensAfter& operator=(const HappensAfter&) = delete;

 private:
  [[maybe_unused]] const void* tag_;
};

}  // namespace holdfast
