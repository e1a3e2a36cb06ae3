// What a state is made of: its models, optimizers and so on, by the names of its entries.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/inspect/values.h>

namespace holdfast {

// The components of a name, as they are escaped; at least one. Parts of `name`, which outlives
// them.
std::vector<std::string_view> components_of(std::string_view name);

// "models/mlp" of "models/mlp/parameters/fc1.weight"; "rng" of "rng/cuda/0", "progress" of
// "progress/epoch".
std::string part_of(const std::string& entry);

struct Part {
  std::string name;              // as part_of
  std::uint64_t entries = 0;     // ties and values without bytes included
  std::uint64_t bytes = 0;       // a tied tensor counts once
  std::uint64_t parameters = 0;  // of a model: elements of its parameters, tied ones once
  std::uint64_t buffers = 0;     // of a model: elements of its buffers, likewise
};

// In the order in which they first appear.
std::vector<Part> parts_of(const format::Catalog& catalog);

// The names, unescaped, of what is in models/ or optimizers/, in the order in which they first
// appear.
std::vector<std::string> names_in(const format::Catalog& catalog, std::string_view group);

// The models of these names; all of them if `wanted` is empty. Error(kNotFound) names one that is
// not there, and lists those that are; Error(kMismatch) if there are none. `path` is for messages.
std::vector<std::string> choose_models(const format::Catalog& catalog, const std::string& path,
                                       const std::vector<std::string>& wanted);

// An option of a group of an optimizer: lr, betas …
struct OptimizerOption {
  std::string name;           // as in the entry's name: escaped (format/names.h)
  bool is_list = false;       // a tuple or list of any length; else there is one value
  std::vector<Value> values;  // a tensor is described: "tensor float32 [3]"
};

struct OptimizerGroup {
  std::uint64_t parameters = 0;  // tensors that it steps
  std::vector<OptimizerOption> options;
};

struct Optimizer {
  std::string name;  // as in the entries' names: escaped, other than names_in() has it
  std::string type;  // the class; empty if it is not known
  std::vector<OptimizerGroup> groups;
  std::string damage;  // in words; where something of it is damaged, class and groups are left out
};

// The optimizers with their options, read and verified. Throws as CheckpointFiles::read does, but
// for what is damaged.
std::vector<Optimizer> read_optimizers(const CheckpointFiles& files, int threads);

}  // namespace holdfast
