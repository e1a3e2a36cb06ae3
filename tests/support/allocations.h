// What is allocated, in a program that is built with allocations.cpp.
#pragma once

#include <cstddef>
#include <functional>

namespace holdfast::testing {

// How often operator new was called so far; by all threads.
std::size_t allocations();

// The most bytes of operator new that were held at once during the action, beyond what was held
// before it; by all threads.
std::size_t peak_memory_of(const std::function<void()>& action);

}  // namespace holdfast::testing
