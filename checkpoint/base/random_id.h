// Names that are unique without asking anybody.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// 32 lower-case hex digits from the kernel's random numbers, for run ids and temporary names.
// Leaves the generators that a training uses untouched. Error(kIo) if the kernel gives no random
// numbers.
std::string random_id();

// True if random_id() could have returned this text.
bool is_random_id(std::string_view text);

}  // namespace holdfast
