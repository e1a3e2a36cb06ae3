// The values that LibTorch's optimizers serialize, as entries of a checkpoint.
#pragma once

#include <string>

#include <ATen/core/ivalue.h>

#include <holdfast/checkpoint/state/component.h>

namespace holdfast {

// A tensor, int, float, bool, string or None is one entry <name>. A container is a group:
//
//   <name>/type             text: "tuple", "list of tensor", "list of int", "list of float",
//                           "list of bool", "list of string" or "archive"
//   <name>/<i>              the elements of a tuple or list, from 0 on
//   <name>/values/<key>     the values of a nested archive
//
// Each may be any of these again. Anything else is an Error(kUnsupported) that names the entry.
void add_value(Capture& capture, const std::string& name, const at::IValue& value);

// The inverse. Error(kMismatch) names an entry that is not of that form. Tensors alias the stored
// ones.
at::IValue value_of(const StoredState& parent, const std::string& name);

}  // namespace holdfast
