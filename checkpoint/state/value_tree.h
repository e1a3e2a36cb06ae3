// Converts the values that LibTorch's optimizers serialize to and from entries of a checkpoint.
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
// Elements and values may be containers again. Any other value is an Error(kUnsupported) that names
// the entry.
void add_value(Capture& capture, const std::string& name, const at::IValue& value);

// The inverse: makes the value from the entries at `name` below `parent`. Error(kMismatch), which
// names the entry, if they do not have that form. Tensors share their memory with those in
// `parent`.
at::IValue value_of(const StoredState& parent, const std::string& name);

}  // namespace holdfast
