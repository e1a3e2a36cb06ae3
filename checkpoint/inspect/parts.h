// The parts of a state (models, optimizers and so on), found by the names of its entries.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/inspect/small_values.h>

namespace holdfast {

// The part that an entry belongs to: "models/mlp" for "models/mlp/parameters/fc1.weight", "rng" for
// "rng/cuda/0", "progress" for "progress/epoch".
std::string part_of(const std::string& entry);

struct Part {
  std::string name;              // what part_of() returns
  std::uint64_t entries = 0;     // including ties and values without bytes
  std::uint64_t bytes = 0;       // a tied tensor counts once
  std::uint64_t parameters = 0;  // for a model: elements of its parameters; tied ones count once
  std::uint64_t buffers = 0;     // for a model: elements of its buffers; tied ones count once
};

// The parts of a checkpoint, in the order in which they first appear.
std::vector<Part> parts_of(const format::Catalog& catalog);

// The names of the objects in a group such as "models" or "optimizers", unescaped, in the order in
// which they first appear.
std::vector<std::string> names_in(const format::Catalog& catalog, std::string_view group);

// Returns `wanted`, or the names of all models if it is empty. Error(kNotFound) for a model that is
// not there; it lists those that are. Error(kMismatch) if all are wanted and there are none. `path`
// is for messages.
std::vector<std::string> choose_models(const format::Catalog& catalog, const std::string& path,
                                       const std::vector<std::string>& wanted);

// An option of an optimizer's parameter group: lr, betas …
struct OptimizerOption {
  std::string name;      // still escaped (format/names.h), as in the entry's name
  bool is_list = false;  // true for a tuple or list of any length; else there is one value
  std::vector<SmallValue> values;  // a tensor is described by a text: "tensor float32 [3]"
};

struct OptimizerGroup {
  std::uint64_t parameters = 0;  // number of tensors in the group
  std::vector<OptimizerOption> options;
};

struct OptimizerInfo {
  std::string name;  // still escaped, unlike the names of names_in()
  std::string type;  // the class; empty if it is not known
  std::vector<OptimizerGroup> groups;
  std::string damage;  // if not empty: what is damaged; `type` and `groups` are empty then
};

// Reads and verifies the optimizers and their options. Throws as CheckpointFiles::read() does,
// except that damage is no error: it is reported in OptimizerInfo::damage.
std::vector<OptimizerInfo> read_optimizers(const CheckpointFiles& files, int threads);

}  // namespace holdfast
