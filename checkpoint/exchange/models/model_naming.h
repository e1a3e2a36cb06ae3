// Names the tensors of a state dict as entries of a checkpoint. Internal to import.
#pragma once

#include <string>
#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast::exchange {

bool is_parameter(const std::string& entry);  // "models/<model>/parameters/<dotted.name>"
bool is_buffer(const std::string& entry);

// Tensors with dotted names, as entries of the model. Buffers are those that are by convention
// (state_dict.h) and those that match one of the patterns. Parameters come first, as in a
// checkpoint.
std::vector<Item> named_by_convention(std::vector<Item> tensors, const std::string& model,
                                      const std::vector<std::string>& buffers);

// The same, but the model of that name in `like` tells what is a buffer, and the order. Errors as
// check_same_models().
std::vector<Item> named_like(std::vector<Item> tensors, const std::string& model,
                             const CheckpointFiles& like, const std::string& file);

// Error(kMismatch) if one of the models differs from that in `like`. It tells how the first of them
// differs: in names, kinds, dtypes, shapes, and what is tied to what. Error(kNotFound) if `like`
// has no such model.
void check_same_models(const std::vector<Item>& entries, const std::vector<std::string>& models,
                       const CheckpointFiles& like, const std::string& file);

// Ties tensors of different models that come from one tensor of the file.
void tie_models(std::vector<Item>& entries);

}  // namespace holdfast::exchange
