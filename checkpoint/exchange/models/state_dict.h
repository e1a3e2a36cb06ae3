// The state dict of a model in a file. Internal to import and export.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

// The value at a dotted path of keys ("state.fc1.weight"; a key may itself have dots). All of it
// for
// "". Error(kNotFound) lists the keys that there are.
const Value& value_at(const Value& value, const std::string& path, const std::string& file);

// The tensors of a dict, by their names. Error(kUnsupported) names an entry that is not a tensor;
// if there are dicts among the entries, it lists their keys to choose from.
std::vector<Item> tensors_of(const Value& value, const std::string& file);

// The tensors of the dict at a path of keys. If the dict has flat names ("model.fc1.weight"): the
// tensors whose names continue the path, named by what follows it. Errors as the two above.
std::vector<Item> tensors_at(const Value& value, const std::string& path, const std::string& file);

// The same for a file without dicts, in which all names are flat.
std::vector<Item> tensors_at(const std::vector<Item>& items, const std::string& path,
                             const std::string& file);

// Error(kUnsupported) if some names are not those of a model's tensors, but of what a training
// keeps beside them: the state of an optimizer, as PyTorch, Keras, TensorFlow and optax name it, or
// of a random number generator. The error lists the keys of the file that may hold the model
// alone. `key`, where the tensors were found, is for the message.
void require_model_alone(const std::vector<Item>& tensors, const std::string& key,
                         const std::string& file);

// Whether a tensor is a buffer by the conventions of the field: integers, bools, and what batch
// normalization calls running_mean, running_var and num_batches_tracked.
bool is_buffer_by_convention(const Item& item);

// The items that are wanted, in their order. Of those that are tied the first gets the bytes,
// whichever had them before.
std::vector<Item> choose(const std::vector<Item>& items,
                         const std::function<bool(const Item&)>& is_wanted);

// The items named in `order`, in that order, and then the others. Ties as by choose().
std::vector<Item> in_order(std::vector<Item> items, const std::vector<std::string>& order);

// The items under other names. Ties follow.
std::vector<Item> renamed(std::vector<Item> items,
                          const std::function<std::string(const std::string&)>& rename);

}  // namespace holdfast::exchange
