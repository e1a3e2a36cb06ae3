// Names that nobody else has.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// 32 lower-case hex digits from the kernel's random numbers: for run ids and temporary names. Draws
// from no generator that a training uses.
std::string random_id();

// True if random_id() could have returned it.
bool is_random_id(std::string_view text);

}  // namespace holdfast
