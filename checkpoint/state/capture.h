// Turns a state into the items of a save.
#pragma once

#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/state/state.h>

namespace holdfast {

// Returns the items of every component, in the order of registration. Copies generators, scalars,
// texts and flags now. All tensors (parameters, buffers, optimizer slots, tensors of Stateful
// objects) are copied later, when their sources are read.
//
// `used`: items of an earlier save, already released. Their memory is used again: as long as the
// state has the same structure as then, parameters in contiguous CPU memory allocate nothing, and
// neither do the slots of LibTorch's optimizers (except LBFGS) in such memory.
//
// Changes nothing in the state. Errors name the entry: Error(kInvalidArgument) or (kUnsupported),
// or what an object's save() throws (stateful.h).
std::vector<Item> capture(const State& state, std::vector<Item> used = {});

}  // namespace holdfast
