// How far a long operation on a checkpoint has got.
#pragma once

#include <cstdint>
#include <functional>

namespace holdfast {

// Called with the number of bytes that are done since the call before, by several threads at once.
// May be empty.
using Progress = std::function<void(std::uint64_t bytes)>;

}  // namespace holdfast
