// What an object of LibTorch's kinds keeps beside what Holdfast knows of them: an optimizer or a
// scheduler of a class of the program's own, which is a Stateful too. Internal to state/.
#pragma once

#include <string>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

// The group of such values below the object's prefix: "schedulers/warm/own/…".
constexpr const char* kOwnValues = "own";

// What the object's save() writes, as the entries below `path`; kind "none" at `path` if it writes
// nothing.
void save_values(const Stateful& object, Capture& capture, const std::string& path);

// Gives the object what was saved so within `stored`: nothing, where a checkpoint is older than the
// object's being a Stateful.
void load_own_values(Stateful& object, const StoredState& stored);

}  // namespace holdfast
