// Tells the thread sanitizer about an order that it cannot see. The end of a parallel body comes
// before the return of the oneTBB call that ran it, but oneTBB is not instrumented, so the
// sanitizer would report races. Without the sanitizer these classes do nothing.
#pragma once

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace holdfast {

// When a HappensBefore is destroyed, by return or by exception, it releases everything that this
// thread has done. A HappensAfter with the same tag acquires it when it is destroyed: what follows
// in that thread comes after.
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
