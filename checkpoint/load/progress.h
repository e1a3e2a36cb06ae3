// How far a long look at a checkpoint has got.
#pragma once

#include <cstdint>
#include <functional>

namespace holdfast {

// Called with the number of bytes that have been dealt with since the call before; may be called by
// several threads at once. Empty: nobody asks.
using Progress = std::function<void(std::uint64_t bytes)>;

}  // namespace holdfast
