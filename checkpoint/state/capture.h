// A state as the items of a save.
#pragma once

#include <vector>

#include <holdfast/checkpoint/save/source.h>
#include <holdfast/checkpoint/state/state.h>

namespace holdfast {

// The items of every component, in the order of registration. Buffers, generators and scalars are
// copied here; parameters, optimizer slots and the tensors of Stateful objects when their sources
// are read. What throws leaves nothing behind: Error(kInvalidArgument) or (kUnsupported) names the
// entry.
std::vector<Item> capture(const State& state);

}  // namespace holdfast
