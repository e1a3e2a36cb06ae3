// A state as the items of a save.
#pragma once

#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/state/state.h>

namespace holdfast {

// The items of every component, in the order of registration. Buffers, generators and scalars are
// copied here; parameters, optimizer slots and the tensors of Stateful objects when their sources
// are read. `used`: items of an earlier save, released, of which the memory is used again: while
// the state is made as it was then, nothing is allocated for a parameter in contiguous CPU memory,
// nor for such a slot of LibTorch's optimizers but LBFGS. What throws leaves nothing behind:
// Error(kInvalidArgument) or (kUnsupported) names the entry.
std::vector<Item> capture(const State& state, std::vector<Item> used = {});

}  // namespace holdfast
