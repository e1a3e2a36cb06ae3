// The state dict of a model in somebody's file. Internal to import and export.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

// What is at a dotted path of keys, which may have dots of their own ("state.fc1.weight"); all of
// it for "". Error(kNotFound) lists the keys that there are.
const Value& value_at(const Value& value, const std::string& path, const std::string& file);

// The tensors of a dict by their names. Error(kUnsupported) names what is no tensor; where it is a
// dict within, it lists the keys to pick from.
std::vector<Item> tensors_of(const Value& value, const std::string& file);

// The tensors of the dict at a path of keys. Where the file has flat names ("model.fc1.weight", as
// safetensors and numpy have), those that continue the path, by what follows it. Errors as the two
// above.
std::vector<Item> tensors_at(const Value& value, const std::string& path, const std::string& file);

// Error(kNotFound): nothing in the file is at this path. It lists what the names begin with.
[[noreturn]] void throw_no_such_key(const std::string& path, const std::vector<std::string>& names,
                                    const std::string& file);

// Error(kUnsupported) if some of the tensors are no model's by their names, but what a training
// keeps beside one: the state of an optimizer, as PyTorch, Keras, TensorFlow and optax name it, or
// of a generator. It lists the keys that may be the model's. `key`: where the tensors were found.
void require_model_alone(const std::vector<Item>& tensors, const std::string& key,
                         const std::string& file);

// By the conventions of the field: integers and bools, and what batch normalization calls
// running_mean, running_var and num_batches_tracked.
bool is_buffer_by_convention(const Item& item);

// The items that are wanted, in their order; the first of those that are tied has the bytes,
// wherever that was before.
std::vector<Item> choose(const std::vector<Item>& items,
                         const std::function<bool(const Item&)>& is_wanted);

// The items, those named in `order` first and in that order, tied as by choose().
std::vector<Item> in_order(std::vector<Item> items, const std::vector<std::string>& order);

// Under other names, the ties included.
std::vector<Item> renamed(std::vector<Item> items,
                          const std::function<std::string(const std::string&)>& rename);

}  // namespace holdfast::exchange
