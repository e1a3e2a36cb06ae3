#include "support/allocations.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> count{0}, held{0}, peak{0};

// Allocates and counts. Returns null if there is no memory.
void* counted(std::size_t bytes) noexcept {
  ++count;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) return nullptr;
  const std::size_t now = held += malloc_usable_size(memory);
  for (std::size_t most = peak; most < now && !peak.compare_exchange_weak(most, now);) {
  }
  return memory;
}

void release(void* memory) {
  if (memory == nullptr) return;
  held -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

// The standard library's other forms of new and delete call these. The form that does not throw
// must be here, too: sanitizers replace it by one of their own.
void* operator new(std::size_t bytes) {
  if (void* const memory = counted(bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return counted(bytes);
}
void operator delete(void* memory) noexcept {
  release(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  release(memory);
}

namespace holdfast::testing {

std::size_t allocations() {
  return count;
}

std::size_t peak_memory_of(const std::function<void()>& action) {
  const std::size_t before = held;
  peak = before;
  action();
  return peak - before;
}

}  // namespace holdfast::testing
