// How a checkpoint directory becomes one input of the load target.
#pragma once

#include <string_view>

namespace holdfast::testing {

inline constexpr std::string_view kDivider = "\n%%%%\n";

}  // namespace holdfast::testing
