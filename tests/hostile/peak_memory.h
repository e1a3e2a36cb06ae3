// How much memory something takes.
#pragma once

#include <cstddef>
#include <functional>

namespace holdfast::testing {

// The most bytes of operator new that were held at once during the action, beyond what was held
// before it; by all threads.
std::size_t peak_memory_of(const std::function<void()>& action);

}  // namespace holdfast::testing
