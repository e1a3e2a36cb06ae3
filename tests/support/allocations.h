// Counts allocations in a test program that is built with allocations.cpp.
#pragma once

#include <cstddef>
#include <functional>

namespace holdfast::testing {

// How often operator new has been called so far, by all threads.
std::size_t allocations();

// Runs the action. Returns how many bytes of operator new it held at most at one time, in all
// threads, in addition to those that were held before.
std::size_t peak_memory_of(const std::function<void()>& action);

}  // namespace holdfast::testing
