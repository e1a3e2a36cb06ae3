// The values that an optimizer or a scheduler keeps as a Stateful. Such a class of the program's
// own derives from LibTorch's class and from Stateful; its own members are saved in addition to
// what Holdfast saves of every optimizer or scheduler. Internal to state/.
#pragma once

#include <string>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

// The group of such values below the object's prefix: "schedulers/warm/own/…".
constexpr const char* kOwnValues = "own";

// Saves what the object's save() writes as entries below `path`. If it writes nothing, there is one
// entry of kind "none" at `path`.
void save_values(const Stateful& object, Capture& capture, const std::string& path);

// Calls the object's load() with the group kOwnValues of `stored`. If the checkpoint has no such
// group, since the class was no Stateful yet when it was saved, load() gets an empty reader.
void load_own_values(Stateful& object, const StoredState& stored);

}  // namespace holdfast
