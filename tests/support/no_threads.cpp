#include "support/no_threads.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<bool> is_refused{false};

}  // namespace

// Replaces the C library's function in this program and in the libraries that it loads.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*start)(void*), void* argument) noexcept {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return is_refused ? EAGAIN : create(thread, attributes, start, argument);
}

namespace holdfast::testing {

NoThreads::NoThreads() {
  is_refused = true;
}
NoThreads::~NoThreads() {
  is_refused = false;
}

}  // namespace holdfast::testing
