// Counts what is allocated, in a program that is linked with it.
#pragma once

#include <cstddef>

namespace holdfast::testing {

std::size_t allocations();  // calls of operator new, of all threads

}  // namespace holdfast::testing
